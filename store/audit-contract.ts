/** Who changed what, and why: written before it is done. */
export interface AuditStore {
  add(row: AuditRow): Promise<void>
  /** Newest first. `before` is the id of a row; `limit` 1 … 1,000, default 100. */
  list(filter: AuditFilter): Promise<AuditEntry[]>
}

export interface AuditFilter {
  target?: string
  who?: string
  before?: number
  limit?: number
}

export interface AuditRow {
  at: number
  who: string
  what: string
  target: string
  why: string
  requestId?: string
}

export interface AuditEntry extends AuditRow {
  id: number
}
