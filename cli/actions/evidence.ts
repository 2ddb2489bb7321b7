import { writeFile } from 'node:fs/promises'
import { MusterError } from '../../domain/errors.ts'
import type { EvidenceEntry, EvidenceList } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { EvidenceOptions } from '../commands/hosts.ts'
import { printJson, printTable } from '../output.ts'
import { printable } from '../printable.ts'

const KINDS = ['console', 'screenshot', 'events']

/** Lists what was taken of a host's failed attempts, or writes one piece of it. */
export async function showEvidence(
  id: string,
  kind: string | undefined,
  options: EvidenceOptions,
): Promise<void> {
  if (kind !== undefined && !KINDS.includes(kind)) {
    throw new MusterError('bad_request', `there is no evidence of kind "${kind}": ${KINDS.join(', ')}`)
  }
  const api = apiClient(options)
  const { evidence } = await api.get<EvidenceList>(`/v1/hosts/${id}/evidence`)
  const found = evidence.filter(
    (entry) =>
      (options.attempt ?? entry.attempt) === entry.attempt &&
      (options.generation ?? entry.generation) === entry.generation,
  )
  if (kind === undefined) return list(found, options.json === true)
  const entry = found
    .filter((one) => one.kind === kind)
    .toSorted((a, b) => b.takenAt.localeCompare(a.takenAt))[0]
  if (!entry) throw new MusterError('not_found', `no ${kind} was taken of ${id}; see hosts evidence ${id}`)
  await write(entry, await api.download(entry.href), options)
}

function list(evidence: EvidenceEntry[], json: boolean): void {
  if (json) return printJson({ evidence })
  if (evidence.length === 0) return console.log('nothing was taken: no attempt has failed')
  printTable(
    ['taken', 'generation', 'attempt', 'kind', 'type'],
    evidence.map((row) => [row.takenAt, row.generation, String(row.attempt), row.kind, row.contentType]),
  )
}

async function write(
  entry: EvidenceEntry,
  content: Buffer,
  { output, json }: EvidenceOptions,
): Promise<void> {
  if (output !== undefined) {
    await writeFile(output, content)
    if (json) return printJson({ ...entry, output, bytes: content.length })
    return console.log(`${output}: ${entry.kind} of attempt ${entry.attempt}, ${content.length} bytes`)
  }
  if (json) return printJson({ ...entry, base64: content.toString('base64') })
  if (process.stdout.isTTY && entry.kind === 'screenshot') {
    throw new MusterError('bad_request', 'a screenshot is not text: name a file with --output')
  }
  process.stdout.write(process.stdout.isTTY ? printable(content.toString('utf8')) : content)
}
