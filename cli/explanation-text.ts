import type { Explanation } from '../domain/fleet/explain.ts'

type Printed = Pick<Explanation, 'headline' | 'fleet' | 'next' | 'youCan'> & {
  missing: Pick<Explanation['missing'][number], 'host' | 'why'>[]
}

/** What `muster fleets explain` prints. */
export function explanationText({ headline, fleet, missing, next, youCan }: Printed): string {
  const blocks = [
    [`${headline}.`, ...fleet],
    missing.map(({ host, why }) => `  ${host}: ${why}`),
    [
      ...next.map((text) => `next: ${text}`),
      ...youCan.map(({ what, command }) => `you can ${what}: ${command}`),
    ],
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}
