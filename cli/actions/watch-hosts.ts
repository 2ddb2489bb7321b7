import { setTimeout as sleep } from 'node:timers/promises'
import { MusterError } from '../../domain/errors.ts'
import { allHosts } from '../client/all-hosts.ts'
import type { HostView } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { HostListOptions } from '../commands/hosts.ts'
import { hostTable } from '../host-table.ts'
import { paint, printJson } from '../output.ts'
import { listenForStop } from '../stop.ts'

const EVERY_MS = 1_000
const CLEAR = '\u001b[2J\u001b[H'

/**
 * Prints the list whenever it has changed, until stopped or until the output is closed; on a terminal every second, in
 * place.
 */
export async function watchHosts(options: HostListOptions): Promise<void> {
  const stop = listenForStop()
  const readerGone = new AbortController()
  process.stdout.once('error', () => readerGone.abort())
  const signal = AbortSignal.any([stop.signal, readerGone.signal])
  const api = apiClient(options)
  let shown = ''
  for (let look = 1; !signal.aborted; look += 1) {
    const answer = await askAgain(() => allHosts(api, options), look)
    const text = JSON.stringify(answer.hosts.map(stable))
    if (process.stdout.isTTY || text !== shown) show(answer, options.json === true)
    shown = text
    await pause(signal)
  }
}

interface Look {
  hosts: HostView[]
  problem?: string
}

/** The first look must succeed; later an API that is away for a moment is only said. */
async function askAgain(ask: () => Promise<HostView[]>, look: number): Promise<Look> {
  try {
    return { hosts: await ask() }
  } catch (error) {
    if (look === 1 || !(error instanceof MusterError) || !error.retryable) throw error
    return { hosts: [], problem: error.message }
  }
}

/** Without what changes with every beat. */
const stable = ({ lastBeatAt: _beat, load: _load, updatedAt: _updated, ...rest }: HostView) => rest

function show({ hosts, problem }: Look, json: boolean): void {
  if (json) return printJson({ hosts, ...(problem && { problem }) })
  const head = `${new Date().toISOString().slice(11, 19)} UTC, Ctrl-C ends`
  const body = problem ?? hostTable(hosts, Date.now())
  console.log(`${process.stdout.isTTY ? CLEAR : ''}${paint('dim', head)}\n${body}`)
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
}
