/** What was found of one thing that an installation needs. */
export interface CheckItem {
  /** `credentials`, `fleet render, ecs.g7.xlarge in cn-hangzhou-h` */
  what: string
  /** `warned`: it may fail later, Muster would cope. */
  result: 'ok' | 'warned' | 'failed' | 'skipped'
  /** What is there, or what to do. */
  detail: string
  /** The field of the config that is to blame: `fleets.render.hosts.image`. */
  field?: string
}

export const isBroken = (items: CheckItem[]): boolean => items.some(({ result }) => result === 'failed')
