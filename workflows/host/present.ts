import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common'
import { clockText } from '../../domain/durations.ts'
import { reasonOf } from '../../domain/host/record.ts'
import type { AttemptSummary } from '../../domain/host/types.ts'
import { asMarkdown } from '../../domain/markdown.ts'
import { hostAttributes } from '../../domain/search-attributes.ts'
import type { Host } from './host.ts'

const KEYS = {
  MusterPhase: defineSearchAttributeKey('MusterPhase', 'KEYWORD'),
  MusterZone: defineSearchAttributeKey('MusterZone', 'KEYWORD'),
  MusterInstanceType: defineSearchAttributeKey('MusterInstanceType', 'KEYWORD'),
  MusterInstanceId: defineSearchAttributeKey('MusterInstanceId', 'KEYWORD'),
  MusterPrivateIp: defineSearchAttributeKey('MusterPrivateIp', 'KEYWORD'),
  MusterImage: defineSearchAttributeKey('MusterImage', 'KEYWORD'),
  MusterFailure: defineSearchAttributeKey('MusterFailure', 'KEYWORD'),
  MusterAttempt: defineSearchAttributeKey('MusterAttempt', 'INT'),
  MusterReadyAt: defineSearchAttributeKey('MusterReadyAt', 'DATETIME'),
} as const

/** Search attributes, all together and only when phase or attempt has changed: each write costs an event. */
export function presentAttributes(host: Host): void {
  const now = workflowInfo().typedSearchAttributes
  const wanted = hostAttributes(host.state)
  if (
    now.get(KEYS.MusterPhase) === wanted.MusterPhase &&
    now.get(KEYS.MusterAttempt) === wanted.MusterAttempt
  )
    return
  const pairs: SearchAttributePair[] = []
  for (const [name, key] of Object.entries(KEYS)) {
    const value = wanted[name as keyof typeof KEYS]
    const before = now.get(key as never) as unknown
    const same =
      value instanceof Date && before instanceof Date
        ? value.getTime() === before.getTime()
        : value === before
    if (!same) pairs.push({ key, value: value ?? null } as unknown as SearchAttributePair)
  }
  upsertSearchAttributes(pairs as never)
}

/** What the Temporal UI shows under User Metadata: phase, attempts with reasons and durations. */
export function presentDetails(host: Host): void {
  const { state, input } = host
  const reason = reasonOf(state)
  const lines = [
    `**${state.phase}**${reason ? `: ${asMarkdown(reason)}` : ''}`,
    '',
    ...current(host),
    ...(state.attempts.length > 0 ? ['', '**Ended attempts**', ''] : []),
    ...state.attempts.toReversed().map(attemptLine),
    ...(input.dashboardUrl ? ['', `[dashboard](${input.dashboardUrl}/hosts/${input.host})`] : []),
  ]
  setCurrentDetails(lines.join('\n'))
}

function current({ state }: Host): string[] {
  const { n, launch, instanceId, placement, privateIp } = state.current
  const where = placement ? ` · ${placement.instanceType} in ${placement.zone}` : ''
  return [
    `- attempt ${n}, launch ${launch}${where}`,
    ...(instanceId ? [`- ${instanceId}${privateIp ? ` at ${privateIp}` : ''}`] : []),
    ...(state.failures > 0 ? [`- failed ${state.failures} time(s) in a row`] : []),
  ]
}

function attemptLine(attempt: AttemptSummary): string {
  const from = attempt.launchedAt
  const end = attempt.deletedAt
  const lived = from !== undefined && end !== undefined ? ` · lived ${clockText(end - from)}` : ''
  const zone = attempt.placement ? ` · ${attempt.placement.zone}` : ''
  return `- ${attempt.n}. ${attempt.instanceId ?? 'no instance'}${zone}: **${attempt.outcome}**, ${asMarkdown(attempt.reason)}${lived}`
}
