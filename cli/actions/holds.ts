import type { Hold, HoldList } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { ApiOptions, WhyOptions } from '../commands/common.ts'
import type { ListHoldsOptions } from '../commands/holds.ts'
import { age, printJson, printTable } from '../output.ts'

export async function listHolds(options: ListHoldsOptions): Promise<void> {
  const query = options.closed ? '?includeClosed=true' : ''
  const { holds } = await apiClient(options).get<HoldList>(`/v1/holds${query}`)
  if (options.json) return printJson({ holds })
  if (holds.length === 0) return console.log(options.closed ? 'no holds' : 'no open holds')
  const now = Date.now()
  printTable(
    ['hold', 'what', 'state', 'since', 'probe', 'reason'],
    holds.map((hold) => [
      String(hold.id),
      hold.subject,
      hold.state,
      age(Date.parse(hold.openedAt), now),
      probeText(hold, now),
      hold.closedBy === undefined ? hold.reason : `closed by ${hold.closedBy}: ${hold.closedWhy ?? ''}`,
    ]),
  )
}

export async function releaseHold(id: number, options: ApiOptions & WhyOptions): Promise<void> {
  const answer = await apiClient(options).post<Hold>(`/v1/holds/${id}/release`, { why: options.why })
  if (options.json) return printJson(answer)
  console.log(`${answer.subject}: released; hosts launch there again as soon as they ask`)
}

function probeText({ state, probe, probeFrom }: Hold, now: number): string {
  if (state === 'closed') return ''
  if (state === 'half-open' && probe) return `${probe.host} probes`
  const waitMs = Date.parse(probeFrom) - now
  return waitMs > 0 ? `in ${age(0, waitMs)}` : 'by the next host that asks'
}
