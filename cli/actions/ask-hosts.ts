import type { HostAnswer } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { AskOptions } from '../commands/hosts.ts'
import { printJson } from '../output.ts'

export type HostWish = 'drain' | 'replace' | 'retire' | 'preserve'

/** Sends a request to a host; its workflow records the request and returns its state. */
export async function askHost(what: HostWish, id: string, options: AskOptions): Promise<void> {
  const body = {
    why: options.why,
    ...(options.drain === false && { drain: false }),
    ...(options.for !== undefined && { forMs: options.for }),
  }
  const answer = await apiClient(options).post<HostAnswer>(`/v1/hosts/${id}/${what}`, body)
  if (options.json) return printJson(answer)
  console.log(`${id}: ${what} is noted; it is ${answer.phase} in attempt ${answer.attempt}`)
}
