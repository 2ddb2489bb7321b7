import type { FieldChange } from './spec-diff.ts'

/** What stands for the value of a workload's variable. */
const HIDDEN = '(not shown)'

/**
 * The change as it may be shown: names of a workload's variables, never their values. What `apply` prints ends up in logs
 * of build servers, and the API shows these values to operators alone.
 */
export function withoutValues(change: FieldChange): FieldChange {
  const { field, from, to } = change
  if (field === 'workload') return { field, from: withoutEnv(from), to: withoutEnv(to) }
  if (field !== 'workload.env' && !field.startsWith('workload.env.')) return change
  return { field, from: hidden(from), to: hidden(to) }
}

function withoutEnv(workload: unknown): unknown {
  if (typeof workload !== 'object' || workload === null || !('env' in workload)) return workload
  return { ...workload, env: hidden(workload.env) }
}

function hidden(value: unknown): unknown {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) return HIDDEN
  return Object.fromEntries(Object.keys(value).map((name) => [name, HIDDEN]))
}
