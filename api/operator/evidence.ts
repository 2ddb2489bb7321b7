import type { EvidenceRow } from '../../store/contract.ts'

/** Types a browser may show; anything else is handed over as bytes to save. */
const SHOWN: ReadonlySet<string> = new Set(['text/plain', 'application/json', 'image/png', 'image/jpeg'])

/**
 * What a failed instance had on its console is written by whoever ran there: it is shown as what it claims to be among
 * harmless types, never sniffed, and may run nothing.
 */
export function evidenceResponse({ contentType, content, kind }: EvidenceRow): Response {
  const base = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const shown = SHOWN.has(base)
  const type = base.startsWith('text/') && shown ? `${base}; charset=utf-8` : base
  return new Response(new Uint8Array(content), {
    headers: {
      'content-type': shown ? type : 'application/octet-stream',
      'content-disposition': shown ? 'inline' : `attachment; filename="${kind}"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=3600',
    },
  })
}
