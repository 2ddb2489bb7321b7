import { html } from 'hono/html'
import { PHASES } from '../operator/schemas.ts'
import type { FleetView } from '../operator/views.ts'
import type { Html } from './format.ts'

/** Phases in the order in which a host lives through them, the good ones first. */
const ORDER = ['ready', ...PHASES.filter((phase) => phase !== 'ready' && phase !== 'retired')] as const

/**
 * Hosts by phase as one bar; the missing rest up to the desired size stays empty. Drawn by SVG attributes: the content
 * security policy allows no inline style.
 */
export function phaseBar({ phases, desired, actual }: FleetView): Html {
  const whole = Math.max(desired, actual, 1)
  let from = 0
  const parts = ORDER.map((phase) => {
    const width = ((phases[phase] ?? 0) / whole) * 100
    const part = html`<rect class="${phase}" x="${from}" y="0" width="${width}" height="4" />`
    from += width
    return width === 0 ? '' : part
  })
  return html`<svg
    class="bar"
    viewBox="0 0 100 4"
    preserveAspectRatio="none"
    role="img"
    aria-label="${barText(phases)}"
  >
    ${parts}
  </svg>`
}

function barText(phases: FleetView['phases']): string {
  const counts = ORDER.filter((phase) => phases[phase]).map((phase) => `${phases[phase]} ${phase}`)
  return counts.length === 0 ? 'no hosts' : counts.join(', ')
}

/** The same numbers as text, each leading to its hosts. */
export function phaseChips({ name, phases }: FleetView): Html {
  const shown = ORDER.filter((phase) => phases[phase])
  if (shown.length === 0) return html`<p class="soft">No hosts.</p>`
  return html`<ul class="chips">
    ${shown.map((phase) => html`<li><a class="phase ${phase}" href="/fleets/${name}?phase=${phase}">${phases[phase]} ${phase}</a></li>`)}
  </ul>`
}
