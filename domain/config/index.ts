export { parseConfig } from './parse-config.ts'
export { toFleetSpecs } from './to-fleet-specs.ts'
export type { ConfigProblem } from './problem.ts'
export type { MusterConfig } from './types.ts'
