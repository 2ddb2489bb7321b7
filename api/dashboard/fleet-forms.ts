import { html } from 'hono/html'
import { MAX_FLEET_SIZE } from '../../domain/spec.ts'
import type { FleetAction } from '../operator/actions.ts'
import type { FleetView } from '../operator/views.ts'
import type { Html } from './format.ts'
import { formSecrets } from './secrets.ts'
import type { FormSecrets } from './secrets.ts'

/** What the fleet's page asks of it. Marks are for programs and the command line: they name slots. */
export const FLEET_FORMS = [
  'resize',
  'pause',
  'resume',
  'roll',
  'rollback',
  'override-freeze',
] as const satisfies readonly string[]

export type FleetFormKind = (typeof FLEET_FORMS)[number]

/** The update that a form asks for. */
export const updateOf = (kind: FleetFormKind): Exclude<FleetAction['kind'], 'mark' | 'unmark'> =>
  kind === 'override-freeze' ? 'overrideFreeze' : kind

/** `Change` of the fleet's page: folded, for its hosts are what one comes to see, unless people must decide. */
export function fleetForms(fleet: FleetView, secrets: FormSecrets): Html {
  const { name, desired, paused, frozen } = fleet
  const form = (kind: FleetFormKind, inner: Html): Html =>
    html`<form class="card row" method="post" action="/fleets/${name}/${kind}">
      ${formSecrets(secrets)} ${inner}
    </form>`
  const why = html`<label class="grow">Why <input name="why" maxlength="500" required /></label>`
  return html`<details class="change" ${frozen === undefined ? '' : 'open'}>
    <summary>
      <h2>Change</h2>
      resize, pause, replace, roll back
    </summary>
    <div class="columns">
      ${form(
        'resize',
        html`<label
            >Size
            <input type="number" name="size" min="0" max="${MAX_FLEET_SIZE}" value="${desired}" required
          /></label>
          <label class="grow"
            >Why <input name="why" maxlength="500" required placeholder="load of the evening"
          /></label>
          <button class="main">Resize</button>`,
      )}
      ${form(
        paused ? 'resume' : 'pause',
        html`${why} <button>${paused ? 'Resume' : 'Pause'} starting and retiring hosts</button>`,
      )}
      ${form(
        'roll',
        html`${why}
          <label class="tick"
            ><input type="checkbox" name="force" value="yes" /> hosts of this spec, too</label
          >
          <button>Replace hosts in turn</button>`,
      )}
      ${form('rollback', html`${why} <button class="danger">Return to the former spec</button>`)}
      ${frozen === undefined ? '' : form('override-freeze', overrideFields(why))}
    </div>
  </details>`
}

const overrideFields = (why: Html): Html =>
  html`<label
      >For how many hours <input type="number" name="hours" min="0.1" max="24" step="0.1" value="1" required
    /></label>
    ${why} <button class="danger">Act although it is frozen</button>`
