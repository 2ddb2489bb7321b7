import type { HostId } from '../../domain/ids.ts'
import type { StackLinks } from '../stack/start.ts'

/** What `muster demo --json` prints. Instants in ISO-8601 of workflow time. */
export interface DemoReport {
  ok: boolean
  totalMs: number
  hosts: DemoHost[]
  /** Calls by action, whatever became of them. */
  ecsCalls: Record<string, number>
  instancesLeft: number
  links: StackLinks | Record<string, never>
  /** Only where something did not happen. */
  problems?: string[]
}

export interface DemoHost {
  id: HostId
  attempts: DemoAttempt[]
}

export interface DemoAttempt {
  n: number
  instanceId: string | null
  outcome: string
  launchedAt: string | null
  startedAt: string | null
  deletedAt: string | null
  reason: string
}

/** What was seen when the story had ended. */
export type Story = Pick<DemoReport, 'hosts' | 'ecsCalls' | 'instancesLeft'>
