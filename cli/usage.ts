import { InvalidArgumentError, type Command } from 'commander'
import { parseDuration } from '../domain/config/duration.ts'
import { suggest } from '../domain/config/suggest.ts'
import { isHostId } from '../domain/ids.ts'
import { MAX_FLEET_SIZE } from '../domain/spec.ts'

/** Reads a whole number within its range, ends included. */
export const wholeNumber =
  (from: number, to: number) =>
  (value: string): number => {
    const number = Number(value)
    if (value.trim() === '' || !Number.isInteger(number) || number < from || number > to)
      throw new InvalidArgumentError(`Expected a whole number from ${from} to ${to}.`)
    return number
  }

export const portNumber = wholeNumber(0, 65_535)
export const fleetSize = wholeNumber(0, MAX_FLEET_SIZE)
export const orphanLimit = wholeNumber(0, 100_000)

/** Per second; the cloud's own limit is 5,000 RunInstances a minute and account. */
export const launchRate = wholeNumber(1, 80)
/** Workflows kept in memory; the SDK takes two at least. */
export const cachedWorkflows = wholeNumber(2, 100_000)

export const slotNumber = wholeNumber(1, 99_999)

export function hostArgument(value: string): string {
  if (!isHostId(value)) throw new InvalidArgumentError('A host id looks like demo/00002.')
  return value
}

/** @returns ms */
export function duration(value: string): number {
  const ms = parseDuration(value)
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration like 30m, 2h or 1d12h.')
  return ms
}

/** For a command that does something itself and has commands below it: a word it does not know is refused. */
export function refuseWords(command: Command): void {
  const [word] = command.args
  if (word === undefined) return
  const near = suggest(
    word,
    command.commands.map((below) => below.name()),
  )
  const hint = near === undefined ? '' : ` (Did you mean ${near}?)`
  command.error(`error: unknown command '${word}' of ${command.name()}${hint}`)
}
