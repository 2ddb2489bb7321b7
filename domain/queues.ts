/** Workflows and every activity that is no cloud call. */
export const MUSTER_QUEUE = 'muster'

/** RunInstances only: its rate is limited on the server, per region. */
export const launchQueue = (region: string): string => `ecs-launch:${region}`

/** Every other cloud call of a region. */
export const ecsQueue = (region: string): string => `ecs:${region}`
