import { html } from 'hono/html'
import type { FleetView } from '../operator/views.ts'
import type { Html } from './format.ts'

/** What is shown next to a fleet's numbers: paused, frozen, and how its rollout goes. Text, never colour alone. */
export function fleetSigns({ paused, frozen, rollout }: FleetView): Html {
  const sign = (text: string): Html => html`<span class="paused">${text}</span> `
  return html`${paused ? sign('paused') : ''}${frozen === undefined ? '' : sign('frozen')}${
    rollout === undefined || rollout.state === 'done'
      ? ''
      : sign(`rollout ${rollout.state}, ${rollout.left} left`)
  }`
}
