import type { Explanation, FleetFacts } from './explain.ts'
import type { HostLine } from './explain-host.ts'
import { isWorkerGone } from './fleet-condition.ts'
import type { FleetStatus } from './types.ts'

type Choices = Explanation['youCan']

/** What a person can do about it, with the command. */
export function explainChoices(facts: FleetFacts, lines: HostLine[], now: number): Choices {
  const { name, paused, status, holds } = facts
  const choices: Choices = []
  if (isWorkerGone(facts, now)) {
    choices.push({ what: 'start a worker', command: 'muster worker --config FILE' })
  }
  if (paused) choices.push({ what: 'go on', command: `muster fleets resume ${name}` })
  if (status?.frozen) {
    const command = `muster fleets override-freeze ${name} --for 1h`
    choices.push({ what: 'act all the same for an hour', command })
  }
  if (status) choices.push(...rolloutChoices(name, status))
  for (const { id } of holds) {
    choices.push({ what: `end hold ${id}, once its cause is mended`, command: `muster holds release ${id}` })
  }
  if (lines.some(({ needsPerson, phase }) => needsPerson && phase === 'waiting')) {
    choices.push({ what: 'see what the cloud refuses', command: 'muster check --config FILE' })
  }
  return choices
}

function rolloutChoices(name: string, { rollout, previousSpecHash }: FleetStatus): Choices {
  if (!rollout || rollout.state === 'done') return []
  const choices: Choices = []
  if (previousSpecHash) {
    choices.push({ what: `return to spec ${previousSpecHash}`, command: `muster fleets rollback ${name}` })
  }
  if (rollout.state === 'stopped') {
    choices.push({ what: 'try the rollout again', command: `muster fleets roll ${name}` })
  }
  return choices
}
