import type { Audit } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { AuditOptions } from '../commands/audit.ts'
import { printJson, printTable } from '../output.ts'

export async function showAudit(options: AuditOptions): Promise<void> {
  const { target, who, limit } = options
  const query = new URLSearchParams({
    limit: String(limit),
    ...(target !== undefined && { target }),
    ...(who !== undefined && { who }),
  })
  const page = await apiClient(options).get<Audit>(`/v1/audit?${query.toString()}`)
  if (options.json) return printJson(page)
  const { entries, next } = page
  if (entries.length === 0) return console.log('nothing like that stands in the audit')
  if (next !== undefined) console.log(`the last ${entries.length}; --limit shows more`)
  printTable(
    ['at', 'who', 'what', 'about', 'why'],
    entries.toReversed().map((entry) => [entry.at, entry.who, entry.what, entry.target, entry.why]),
  )
}
