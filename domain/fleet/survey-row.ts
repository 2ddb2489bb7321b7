import type { HostPhase, Wish } from '../host/types.ts'
import type { SurveyRow } from './survey-types.ts'

/** The rows of a fleet, by slot. */
export type SurveyRows = ReadonlyMap<number, SurveyRow>

/** False for a host that was started and has not written yet: it has no row, or only that of its former life. */
export const isWritten = (row: SurveyRow | undefined): row is SurveyRow =>
  row !== undefined && row.phase !== 'retired'

type Course = { phase: HostPhase; wish?: Wish['kind']; reclaimAt?: number }

/** Up: it does its work, and neither a person nor the fleet nor the cloud is ending that. */
export const isUp = (host: Course): boolean => host.phase === 'ready' && isStaying(host)

/** It may be heard again at any moment, and would be up then. */
export const mayBeUpAgain = (host: Course): boolean => host.phase === 'silent' && isStaying(host)

const isStaying = ({ wish, reclaimAt }: Course): boolean => wish === undefined && reclaimAt === undefined

/** Its next launch follows the newest spec on its own. */
export const hasNoInstance = ({ phase }: SurveyRow): boolean => phase === 'waiting' || phase === 'launching'
