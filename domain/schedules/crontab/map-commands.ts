import { MusterError } from '../../errors.ts'
import { FLEET_NAME } from '../../ids.ts'
import { MAX_FLEET_SIZE } from '../../spec.ts'
import type { ScheduledAction } from '../actions.ts'

/** What a command of a crontab becomes. */
export interface CommandMap {
  /** As given. */
  pattern: string
  matches: (command: string) => boolean
  action: ScheduledAction
}

const FORMS = 'PATTERN=scale:FLEET:SIZE, PATTERN=roll:FLEET, PATTERN=sweep or PATTERN=report'

/**
 * `*scale-up*=scale:render:40`: what comes before the last `=` is matched with the whole command, `*` for anything.
 * @throws MusterError `bad_request` that says what is wrong with it
 */
export function parseCommandMap(text: string): CommandMap {
  const at = text.lastIndexOf('=')
  const pattern = text.slice(0, at)
  if (at < 1) throw new MusterError('bad_request', `"${text}" maps nothing: write ${FORMS}`)
  return { pattern, matches: matcherOf(pattern), action: parseAction(text.slice(at + 1)) }
}

/** Each part as early as it comes: no expression, which many stars and a long command would keep busy for hours. */
function matcherOf(pattern: string): (command: string) => boolean {
  const [first = '', ...parts] = pattern.split('*')
  const last = parts.pop()
  if (last === undefined) return (command) => command === pattern
  return (command) => {
    if (!command.startsWith(first)) return false
    let at = first.length
    for (const part of parts) {
      const found = command.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return command.length - last.length >= at && command.endsWith(last)
  }
}

/** What each form of an action is made of. */
const ACTION_FORMS: readonly [RegExp, (fleet: string, size: number) => ScheduledAction][] = [
  [/^sweep$/, () => ({ sweep: {} })],
  [/^report$/, () => ({ report: {} })],
  [/^roll:([^:]+)$/, (fleet) => ({ roll: { fleet } })],
  [/^scale:([^:]+):(\d+)$/, (fleet, size) => ({ scale: { fleet, size } })],
]

function parseAction(text: string): ScheduledAction {
  for (const [form, make] of ACTION_FORMS) {
    const [found, fleet, size = '0'] = form.exec(text) ?? []
    if (found === undefined) continue
    const isRight = (fleet === undefined || FLEET_NAME.test(fleet)) && Number(size) <= MAX_FLEET_SIZE
    if (isRight) return make(fleet ?? '', Number(size))
  }
  throw new MusterError('bad_request', `"${text}" is not an action: write ${FORMS}`)
}
