import type { HostId } from '../../domain/ids.ts'
import type { DemoAttempt, DemoHost, Story } from './report.ts'

/** The story as it must have happened. */
export interface Script {
  hosts: HostId[]
  /** The host whose first instance stays mute. */
  mute: HostId
  bootTimeoutMs: number
}

/**
 * Compares what happened with the script: the mute host's first instance was given its whole time, deleted, and made
 * again; every other instance started; all of them are gone; and no launch was made beyond that.
 * @returns what is not so, for people; empty when all of it happened
 */
export function checkStory(story: Story, script: Script): string[] {
  const launches = script.hosts.length + 1
  const made = story.ecsCalls['RunInstances'] ?? 0
  return [
    ...script.hosts.flatMap((id) => checkHost(id, story.hosts, script)),
    ...sameInstances(story.hosts),
    ...(made === launches ? [] : [`${made} RunInstances instead of ${launches}`]),
    ...(story.instancesLeft === 0 ? [] : [`${story.instancesLeft} instances left in the cloud`]),
  ]
}

function checkHost(id: HostId, hosts: DemoHost[], { mute, bootTimeoutMs }: Script): string[] {
  const attempts = hosts.find((host) => host.id === id)?.attempts ?? []
  const outcomes = attempts.map(({ outcome }) => outcome).join(', ')
  const wanted = id === mute ? 'mute, retired' : 'retired'
  if (outcomes !== wanted) {
    return [`host ${id}: attempts ended ${outcomes || 'not at all'} instead of ${wanted}`]
  }
  return [...attempts.flatMap((attempt) => checkAttempt(id, attempt, bootTimeoutMs)), ...inTurn(id, attempts)]
}

function checkAttempt(id: HostId, attempt: DemoAttempt, bootTimeoutMs: number): string[] {
  const name = `host ${id}, attempt ${attempt.n}`
  const { instanceId, launchedAt, startedAt, deletedAt, outcome } = attempt
  const problems: string[] = []
  if (instanceId === null) problems.push(`${name}: had no instance`)
  if (launchedAt === null) problems.push(`${name}: was never launched`)
  if (deletedAt === null) problems.push(`${name}: its instance was not deleted`)
  if (outcome !== 'mute') {
    if (startedAt === null) problems.push(`${name}: never started`)
    return problems
  }
  if (startedAt !== null) problems.push(`${name}: was to stay mute, but started`)
  const livedMs = instant(deletedAt) - instant(launchedAt)
  if (livedMs < bootTimeoutMs) {
    problems.push(
      `${name}: was deleted ${Math.round(livedMs / 1000)} s after its launch, before its deadline`,
    )
  }
  return problems
}

/** The next instance is made when the one before is gone: never two at once. */
function inTurn(id: HostId, attempts: DemoAttempt[]): string[] {
  return attempts.slice(1).flatMap((attempt, index) => {
    const gone = instant(attempts[index]?.deletedAt ?? null)
    return instant(attempt.launchedAt) >= gone
      ? []
      : [`host ${id}, attempt ${attempt.n}: launched while the one before still lived`]
  })
}

function sameInstances(hosts: DemoHost[]): string[] {
  const ids = hosts.flatMap(({ attempts }) => attempts.map(({ instanceId }) => instanceId))
  const repeated = ids.filter((id, index) => id !== null && ids.indexOf(id) !== index)
  return repeated.map((id) => `instance ${id} stands for two attempts`)
}

const instant = (text: string | null): number => (text === null ? Number.NaN : Date.parse(text))
