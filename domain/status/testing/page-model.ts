import { planComponents } from '../components.ts'
import { begunOf } from '../begun.ts'
import { conditionsOf, type Situation } from '../conditions.ts'
import { planIncidents, type IncidentStep } from '../plan.ts'
import type { ComponentStatus, Condition, GivenStatus, KnownIncident, PageIncident } from '../types.ts'

/** What may become of a call: done and answered, done and the answer lost, lost on its way, refused. */
export type CallFate = 'done' | 'answerLost' | 'lost' | 'refused'

interface ModelIncident extends PageIncident {
  /** How many times something was said. */
  updates: number
  isOpen: boolean
}

const UNCLEAR_MS = 60_000

type Step<K extends IncidentStep['kind']> = Extract<IncidentStep, { kind: K }>

/** A page, our notes of it, and what is so: as the activity and the store carry the plan out, without either. */
export class PageModel {
  situation: Situation = { holds: [], fleets: [] }
  page: ModelIncident[] = []
  known = new Map<string, KnownIncident>()
  given = new Map<string, GivenStatus>()
  components: Record<string, string>
  shown: Map<string, ComponentStatus>
  now = Date.parse('2026-01-01T10:00:00Z')
  /** Components that a person has ever set. */
  touched = new Set<string>()
  /** A status that a person has set on a component and that cannot be mistaken for ours. */
  handSet = new Map<string, ComponentStatus>()
  /** Components whose such word we have changed: there should be none. */
  overruled: string[] = []
  /** Calls made to the page by the last report. */
  calls = 0

  constructor(components: Record<string, string>) {
    this.components = components
    this.shown = new Map(Object.values(components).map((id) => [id, 'operational']))
  }

  conditions(): Condition[] {
    return conditionsOf(this.situation, begunOf([...this.known.values()], this.open()))
  }

  open(): ModelIncident[] {
    return this.page.filter(({ isOpen }) => isOpen)
  }

  /** One report; after the first call that is not answered well it ends. `fate` is asked before each call. */
  report(fate: () => CallFate = () => 'done'): void {
    this.calls = 0
    const conditions = this.conditions()
    const steps = planIncidents({
      conditions,
      known: [...this.known.values()],
      page: this.open(),
      now: this.now,
      unclearMs: UNCLEAR_MS,
    })
    for (const step of steps) if (!this.#carryOut(step, fate)) return
    const { components, given, shown: actual } = this
    for (const step of planComponents({ conditions, components, given, actual }).steps) {
      const status = step.kind === 'set' ? step.status : 'operational'
      const isBad = status !== 'operational'
      if (step.kind === 'set') this.#ask(step.id, status)
      if (step.kind === 'set' && !this.#call(fate(), () => this.#setComponent(step.id, status))) return
      if (isBad) this.given.set(step.id, { status })
      else this.#leave(step.id)
    }
  }

  /** A person ends one of ours on the page. */
  endByHand(index: number): void {
    const open = this.open()
    const one = open[index % Math.max(1, open.length)]
    if (one) one.isOpen = false
  }

  setByHand(id: string, status: ComponentStatus): void {
    const { asked = [], status: gave = 'operational' } = this.given.get(id) ?? {}
    this.touched.add(id)
    this.shown.set(id, status)
    if (asked.includes(status) || status === gave) this.handSet.delete(id)
    else this.handSet.set(id, status)
  }

  /** The store is lost; the page is not. */
  forgetAll(): void {
    this.known.clear()
  }

  /** Whole again, it is like any other: what starts over may be reported. */
  #leave(id: string): void {
    this.given.delete(id)
    if (this.shown.get(id) === 'operational') this.handSet.delete(id)
  }

  #ask(id: string, status: ComponentStatus): void {
    const { asked = [], ...rest } = this.given.get(id) ?? {}
    this.given.set(id, { ...rest, asked: [...new Set([...asked, status])] })
  }

  #setComponent(id: string, status: ComponentStatus): void {
    if (this.handSet.has(id)) this.overruled.push(id)
    this.shown.set(id, status)
  }

  #call(fate: CallFate, effect: () => void): boolean {
    this.calls += 1
    if (fate === 'done' || fate === 'answerLost') effect()
    return fate === 'done'
  }

  #carryOut(step: IncidentStep, fate: () => CallFate): boolean {
    switch (step.kind) {
      case 'open':
        return this.#open(step, fate())
      case 'update':
        return this.#update(step, fate())
      case 'resolve':
      case 'withdraw':
        return this.#end(step, fate())
      case 'look':
        this.calls += 1
        if (!this.open().some(({ id }) => id === step.incidentId)) this.#ended(step)
        return true
      case 'adopt':
      case 'note':
      case 'forget':
      case 'await':
        this.#withoutCall(step)
        return true
      default:
        return step satisfies never
    }
  }

  #update({ subject, incidentId, condition }: Step<'update'>, fate: CallFate): boolean {
    const { body } = condition
    const isDone = this.#call(fate, () => {
      const { updates = 0 } = this.page.find(({ id }) => id === incidentId) ?? {}
      this.#set(incidentId, { body, updates: updates + 1 })
    })
    if (isDone) this.#note(subject, { body })
    return isDone
  }

  #end(step: Step<'resolve' | 'withdraw'>, fate: CallFate): boolean {
    const isDone = this.#call(fate, () => this.#set(step.incidentId, { isOpen: false }))
    if (isDone && step.kind === 'resolve') this.known.delete(step.subject)
    return isDone
  }

  #withoutCall(step: Step<'adopt' | 'note' | 'forget' | 'await'>): void {
    if (step.kind === 'note') this.#note(step.subject, { body: step.body })
    if (step.kind === 'adopt') this.known.set(step.incident.subject, step.incident)
    if (step.kind === 'forget') this.known.delete(step.subject)
  }

  #ended({ subject, isOver }: Step<'look'>): void {
    if (isOver) this.known.delete(subject)
    else this.#note(subject, { dismissedAt: this.now })
  }

  #open({ subject, condition }: Step<'open'>, fate: CallFate): boolean {
    const { kind, about, since, name, body } = condition
    const id = `i${this.page.length + 1}`
    const isDone = this.#call(fate, () =>
      this.page.push({ id, subject, name, body, updates: 1, isOpen: true }),
    )
    const row = { subject, kind, about, since, body }
    if (isDone) this.known.set(subject, { ...row, incidentId: id })
    else this.known.set(subject, { ...row, ...(fate !== 'refused' && { attemptedAt: this.now }) })
    return isDone
  }

  #note(subject: string, change: Partial<KnownIncident>): void {
    const row = this.known.get(subject)
    if (row) this.known.set(subject, { ...row, ...change })
  }

  #set(id: string, change: Partial<ModelIncident>): void {
    this.page = this.page.map((one) => (one.id === id ? { ...one, ...change } : one))
  }
}
