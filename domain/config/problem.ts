/** From the top of the file to a field: keys of maps, numbers of list items. */
export type Path = readonly (string | number)[]

/** What is wrong with a field, before anybody knows on which line it stands. */
export interface Finding {
  path: Path
  message: string
  /** The key itself is what is wrong, not its value. */
  atKey?: boolean
}

/** What a rule found, and the fields it is about, the one to blame first. */
export interface HostFinding {
  fields: (string | number)[][]
  message: string
}

/** One wrong field of the file, for people. */
export interface ConfigProblem {
  file: string
  /** From 1. */
  line: number
  /** From 1. */
  column: number
  /** `fleets.render.hosts.placements[0].zone`; empty for the file as a whole. */
  field: string
  /** What was expected, what was found. */
  message: string
}

/** `['fleets', 'render', 'hosts', 'placements', 0]` → `fleets.render.hosts.placements[0]` */
export function fieldName(path: Path): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`
    return name === '' ? part : `${name}.${part}`
  }, '')
}
