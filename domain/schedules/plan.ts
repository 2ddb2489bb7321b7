import { canonicalJson } from '../canonical-json.ts'
import { compileSchedule } from './compile.ts'
import type { ActionInput, ActionScope, ExistingSchedule, ScheduleSpec } from './types.ts'

/** One field that is not as it was; `undefined` where it was or is absent. */
export interface ScheduleFieldChange {
  field: string
  from: unknown
  to: unknown
}

/** The complete definition of a schedule to create or change. */
export interface PlannedSchedule {
  name: string
  schedule: ScheduleSpec
  input: ActionInput
}

export interface ScheduleUpdate extends PlannedSchedule {
  changes: ScheduleFieldChange[]
  /** Set when the config's own word on it has changed; otherwise the state stays as people left it. */
  pause?: boolean
}

export interface SchedulePlan {
  create: PlannedSchedule[]
  update: ScheduleUpdate[]
  /** Names of those that the config has dropped. */
  delete: string[]
  unchanged: string[]
  /** Where each of the wanted ones counts from, by name, ISO text. */
  anchors: Map<string, string>
}

/**
 * What brings the schedules of a server to what the config says. A pause by a person is kept; the anchor is kept while
 * the expression stays the same, so that `@every` does not shift because of another field.
 *
 * @param now wall clock, ms: the anchor of what is new
 */
export function planSchedules(
  wanted: readonly ScheduleSpec[],
  existing: readonly ExistingSchedule[],
  scope: ActionScope,
  now: number,
): SchedulePlan {
  const there = new Map(existing.map((one) => [one.input.schedule, one]))
  const names = new Set(wanted.map(({ name }) => name))
  const plan: SchedulePlan = {
    create: [],
    update: [],
    delete: [...there.keys()].filter((name) => !names.has(name)).toSorted(),
    unchanged: [],
    anchors: new Map(),
  }
  for (const schedule of wanted.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = schedule
    const old = there.get(name)
    const input = inputOf(schedule, scope, anchorOf(schedule, old, now))
    plan.anchors.set(name, input.anchor)
    if (old === undefined) {
      plan.create.push({ name, schedule, input })
      continue
    }
    const changes = changesOf(schedule, input, old)
    if (changes.length === 0) plan.unchanged.push(name)
    else plan.update.push({ name, schedule, input, changes, ...pauseOf(schedule, old) })
  }
  return plan
}

function inputOf(schedule: ScheduleSpec, scope: ActionScope, anchor: string): ActionInput {
  const { name, expression, timezone, dialect, do: action, paused, note } = schedule
  return {
    schedule: name,
    expression,
    timezone,
    dialect,
    anchor,
    do: action,
    ...(paused !== undefined && { paused }),
    ...(note !== undefined && { note }),
    scope,
  }
}

function anchorOf({ expression }: ScheduleSpec, old: ExistingSchedule | undefined, now: number): string {
  if (old !== undefined && old.input.expression === expression) return old.input.anchor
  // Whole seconds, as schedules have them.
  return new Date(Math.floor(now / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}

function changesOf(schedule: ScheduleSpec, input: ActionInput, old: ExistingSchedule): ScheduleFieldChange[] {
  const { overlap, catchUpMs, jitterMs } = schedule
  const pairs: [string, unknown, unknown][] = [
    ['cron', old.input.expression, input.expression],
    ['timezone', old.input.timezone, input.timezone],
    ['dialect', old.input.dialect, input.dialect],
    ['do', old.input.do, input.do],
    ['overlap', old.overlap, overlap],
    ['catchUp', old.catchUpMs, catchUpMs],
    ['jitter', old.jitterMs, jitterMs],
    ['paused', old.input.paused, input.paused],
    ['note', old.input.note, input.note],
    ['installation', old.input.scope, input.scope],
  ]
  // Canonical, because the server may return JSON with its keys in another order.
  const changes = pairs
    .filter(([, from, to]) => canonicalJson(from) !== canonicalJson(to))
    .map(([field, from, to]) => ({ field, from, to }))
  const isRetimed = changes.some(({ field }) => ['cron', 'timezone', 'dialect'].includes(field))
  const { digest } = compileSchedule(input)
  if (!isRetimed && digest !== old.compiled) {
    changes.push({ field: 'compiled form', from: old.compiled, to: digest })
  }
  return changes
}

function pauseOf({ paused }: ScheduleSpec, old: ExistingSchedule): { pause?: boolean } {
  return paused === undefined || paused === old.input.paused ? {} : { pause: paused }
}
