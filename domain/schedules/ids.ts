/** Schedule names: they are part of ids, and written on command lines and in the audit. */
export const SCHEDULE_NAME = /^[a-z][a-z0-9-]{0,59}$/

/** Everything on the server that begins so was made from the config of this controller. */
export const schedulePrefix = (controller: string): string => `muster/${controller}/`

export const scheduleId = (controller: string, name: string): string => `${schedulePrefix(controller)}${name}`

/** The name of one of our schedules; undefined for those of others. */
export function nameOfScheduleId(controller: string, id: string): string | undefined {
  const prefix = schedulePrefix(controller)
  const name = id.startsWith(prefix) ? id.slice(prefix.length) : ''
  return SCHEDULE_NAME.test(name) ? name : undefined
}

/** Base of the workflow ids; the server adds the instant: `action/evening-2026-01-01T12:00:00Z`. */
export const actionWorkflowId = (name: string): string => `action/${name}`
