import { z } from '@hono/zod-openapi'
import { pageSize, rowId } from './schemas.ts'

const instant = z.iso.datetime().openapi({ example: '2026-11-23T19:00:00.000Z' })
const text = z.string().min(1).max(500)

export const auditEntry = z
  .strictObject({
    id: z.int(),
    at: instant,
    /** Name of a token, of a schedule, or of a part of Muster: "anna", "schedule evening", "sweep". */
    who: z.string(),
    what: z.string(),
    /** "fleet render", "host render/00007", "schedule evening", "hold 3", or an id of the cloud. */
    target: z.string(),
    why: z.string(),
    requestId: z.string().optional(),
  })
  .openapi('AuditEntry')

export const auditQuery = z.strictObject({
  target: text.optional().openapi({ example: 'fleet render' }),
  who: text.optional().openapi({ example: 'anna' }),
  /** `next` of the page before. */
  before: rowId,
  limit: pageSize,
})

export const auditAnswer = z
  .strictObject({
    entries: z.array(auditEntry),
    /** Cursor of the next, older page; absent on the last. */
    next: z.int().optional(),
  })
  .openapi('Audit')
