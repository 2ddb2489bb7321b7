import { componentChange, componentFields } from './fields.ts'
import { parseFields } from './incidents.ts'
import type { Component, PageState } from './state.ts'

export function createComponent(
  state: PageState,
  pageId: string,
  body: Record<string, unknown>,
  nowMs: number,
): Component {
  const fields = parseFields(body, 'component', componentFields)
  const component: Component = {
    id: state.newId(),
    pageId,
    name: fields.name,
    description: fields.description ?? null,
    status: fields.status ?? 'operational',
    position: (state.components(pageId).at(-1)?.position ?? 0) + 1,
    showcase: fields.showcase ?? true,
    onlyShowIfDegraded: fields.only_show_if_degraded ?? false,
    startDate: fields.start_date ?? null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  }
  state.putComponent(component)
  return component
}

export function changeComponent(
  state: PageState,
  known: Component,
  body: Record<string, unknown>,
  nowMs: number,
): Component {
  const fields = parseFields(body, 'component', componentChange)
  const component: Component = {
    ...known,
    name: fields.name ?? known.name,
    description: fields.description === undefined ? known.description : fields.description,
    status: fields.status ?? known.status,
    showcase: fields.showcase ?? known.showcase,
    onlyShowIfDegraded: fields.only_show_if_degraded ?? known.onlyShowIfDegraded,
    startDate: fields.start_date === undefined ? known.startDate : fields.start_date,
    updatedAtMs: nowMs,
  }
  state.putComponent(component)
  return component
}
