import { changeComponent, createComponent } from './components.ts'
import { changeIncident, createIncident } from './incidents.ts'
import { notFound, Refusal } from './refusal.ts'
import type { Component, Incident, PageState } from './state.ts'
import { componentView, incidentView, pageView } from './views.ts'

/** What a call is about. */
export interface StatuspageCall {
  state: PageState
  pageId: string
  /** Of the incident or component in the path; empty where it names none. */
  id: string
  query: URLSearchParams
  body: Record<string, unknown>
  nowMs: number
}

interface Operation {
  /** Below `/v1/pages/{page}`; `*` is an id. */
  path: string
  methods: readonly string[]
  status: number
  handle(call: StatuspageCall): unknown
}

const UNRESOLVED = new Set(['investigating', 'identified', 'monitoring'])

/** By name, as faults and the recorder know them. The first whose method and path fit. */
export const STATUSPAGE_OPERATIONS = {
  'statuspage.getPage': {
    path: '',
    methods: ['GET'],
    status: 200,
    handle: ({ state, pageId }) => pageView(found(state.pages.get(pageId))),
  },
  'statuspage.listUnresolvedIncidents': {
    path: 'incidents/unresolved',
    methods: ['GET'],
    status: 200,
    handle: (call) => listed(call, ({ status }) => UNRESOLVED.has(status), 'per_page'),
  },
  'statuspage.listIncidents': {
    path: 'incidents',
    methods: ['GET'],
    status: 200,
    handle: (call) => listed(call, matching(call.query.get('q')), 'limit'),
  },
  'statuspage.createIncident': {
    path: 'incidents',
    methods: ['POST'],
    status: 201,
    handle: ({ state, pageId, body, nowMs }) =>
      incidentView(createIncident(state, pageId, body, nowMs), state),
  },
  'statuspage.getIncident': {
    path: 'incidents/*',
    methods: ['GET'],
    status: 200,
    handle: (call) => incidentView(incidentOf(call), call.state),
  },
  'statuspage.updateIncident': {
    path: 'incidents/*',
    methods: ['PATCH', 'PUT'],
    status: 200,
    handle: (call) =>
      incidentView(changeIncident(call.state, incidentOf(call), call.body, call.nowMs), call.state),
  },
  'statuspage.deleteIncident': {
    path: 'incidents/*',
    methods: ['DELETE'],
    status: 200,
    handle(call) {
      const view = incidentView(incidentOf(call), call.state)
      call.state.removeIncident(call.id)
      return view
    },
  },
  'statuspage.listComponents': {
    path: 'components',
    methods: ['GET'],
    status: 200,
    handle: ({ state, pageId, query }) =>
      paged(state.components(pageId), query, 'per_page').map(componentView),
  },
  'statuspage.createComponent': {
    path: 'components',
    methods: ['POST'],
    status: 201,
    handle: ({ state, pageId, body, nowMs }) => componentView(createComponent(state, pageId, body, nowMs)),
  },
  'statuspage.getComponent': {
    path: 'components/*',
    methods: ['GET'],
    status: 200,
    handle: (call) => componentView(componentOf(call)),
  },
  'statuspage.updateComponent': {
    path: 'components/*',
    methods: ['PATCH', 'PUT'],
    status: 200,
    handle: (call) => componentView(changeComponent(call.state, componentOf(call), call.body, call.nowMs)),
  },
  'statuspage.deleteComponent': {
    path: 'components/*',
    methods: ['DELETE'],
    status: 204,
    handle(call) {
      call.state.removeComponent(componentOf(call).id)
    },
  },
} as const satisfies Record<string, Operation>
export type StatuspageAction = keyof typeof STATUSPAGE_OPERATIONS

/** For faults: one of the operations, or all of them. */
export const isStatuspageAction = (name: string): boolean =>
  name === 'statuspage.*' || Object.hasOwn(STATUSPAGE_OPERATIONS, name)

/** Which operation a path below the page means, and the id in it. */
export function findOperation(method: string, path: string): { action: StatuspageAction; id: string } {
  const [collection = '', id = '', ...more] = path.split('/')
  const forms = id === '' ? [collection] : [`${collection}/${id}`, `${collection}/*`]
  const known = (Object.entries(STATUSPAGE_OPERATIONS) as [StatuspageAction, Operation][]).filter(
    ([, operation]) => more.length === 0 && forms.includes(operation.path),
  )
  const [action] = known.find(([, { methods }]) => methods.includes(method)) ?? []
  if (action !== undefined) return { action, id }
  throw known.length === 0 ? notFound() : new Refusal(405, 'Method not allowed')
}

function found<T>(one: T | undefined): T {
  if (one === undefined) throw notFound()
  return one
}

const incidentOf = ({ state, pageId, id }: StatuspageCall): Incident => found(state.incident(pageId, id))
const componentOf = ({ state, pageId, id }: StatuspageCall): Component => found(state.component(pageId, id))

function listed(
  { state, pageId, query }: StatuspageCall,
  wanted: (incident: Incident) => boolean,
  sizeName: string,
) {
  return paged(state.incidents(pageId).filter(wanted), query, sizeName).map((one) => incidentView(one, state))
}

function matching(text: string | null): (incident: Incident) => boolean {
  const wanted = (text ?? '').toLowerCase()
  return ({ name, status, updates }) =>
    [name, status, ...updates.map(({ body }) => body)].some((one) => one.toLowerCase().includes(wanted))
}

const MAX_PER_PAGE = 100

/** A hundred at most, whatever is asked for. */
function paged<T>(list: T[], query: URLSearchParams, sizeName: string): T[] {
  const page = positive(query.get('page'), 1)
  const size = Math.min(MAX_PER_PAGE, positive(query.get(sizeName), MAX_PER_PAGE))
  return list.slice((page - 1) * size, page * size)
}

function positive(text: string | null, fallback: number): number {
  const number = Number(text ?? fallback)
  if (Number.isInteger(number) && number >= 1) return number
  throw new Refusal(400, 'page and its size are whole numbers from 1')
}
