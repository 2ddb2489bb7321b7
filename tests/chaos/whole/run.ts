import { hostId, hostWorkflowId } from '../../../domain/ids.ts'
import { HOST_UPDATES } from '../../../domain/messages.ts'
import { createRandom, type Random } from '../../../emulator/random.ts'
import { lasted } from '../../support/lasted.ts'
import type { Part } from '../../support/part.ts'
import { watchCloud } from '../../support/whole-cloud.ts'
import type { ChaosOptions, ChaosReport } from './options.ts'
import { breaches, untilSettled } from './settle.ts'
import { ASKED, FLEET, openStage, type Stage } from './stage.ts'
import { lastSweeps, sweepOnce } from './sweeps.ts'
import { nextTrouble, openingTroubles, type Trouble } from './troubles.ts'

const LONGEST_CALM_MS = 1_500
/** A person asked for something in vain: once more, until Temporal and a worker are there. */
const LAST_WISH_TRIES = 20
const ASK_MS = 5_000

/**
 * Makes trouble for a fleet on real processes: faults of the cloud, kills of worker, API and Temporal, and people who
 * resize, roll and replace in the middle of it. Then leaves everything alone, and tells what is not as it should be.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seconds, seed, hosts, say } = options
  const began = performance.now()
  say(`a fleet of ${hosts} hosts comes up`)
  const stage = await openStage(hosts)
  const cloud = watchCloud(stage.world, [stage.orphan])
  try {
    const made = await makeTrouble(stage, options)
    const calm = performance.now()
    say('calm: whatever is away comes back, and the fleet is left alone')
    const unasked = await lastWishes(stage, hosts)
    const unswept = await lastSweeps(stage)
    say('sweeps have done their work; now the fleet is to settle')
    const unsettled = [...unasked, ...unswept, ...(await untilSettled(stage, hosts, say))]
    const settledAfterMs = Math.round(performance.now() - calm)
    const problems = [...unsettled, ...(await breaches(stage, cloud, hosts))]
    return {
      ok: problems.length === 0,
      seed,
      seconds,
      hosts,
      problems,
      ...made,
      instancesMade: [...cloud.made.values()].reduce((sum, ids) => sum + ids.size, 0),
      mostLive: cloud.mostLive.get(FLEET) ?? 0,
      outcomes: await outcomes(stage),
      settledAfterMs,
      totalMs: Math.round(performance.now() - began),
    }
  } finally {
    cloud.stop()
    await stage.close()
  }
}

async function makeTrouble(
  stage: Stage,
  { seconds, seed, hosts, say }: ChaosOptions,
): Promise<Pick<ChaosReport, 'troubles' | 'struck' | 'asked'>> {
  const random = createRandom(`chaos ${seed}`)
  const troubles: Record<string, number> = {}
  const wishes: Promise<boolean>[] = []
  const names = new Map<string, string>()
  const opening = openingTroubles(random, hosts)
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    await lasted(random.next() * LONGEST_CALM_MS)
    const trouble = opening.shift() ?? nextTrouble(random, hosts)
    troubles[trouble.name] = (troubles[trouble.name] ?? 0) + 1
    say(trouble.name)
    if (trouble.kind === 'ask') wishes.push(wish(stage, trouble, random, hosts))
    else if (trouble.kind === 'kill') await kill(stage, trouble)
    else names.set(stage.world.cloud.emulator.addFault(trouble.fault).id, trouble.name)
  }
  const answers = await Promise.all(wishes)
  const accepted = answers.filter(Boolean).length
  return {
    troubles,
    struck: struckOf(stage, names),
    asked: { accepted, unanswered: answers.length - accepted },
  }
}

function struckOf({ world }: Stage, names: ReadonlyMap<string, string>): Record<string, number> {
  const struck: Record<string, number> = {}
  for (const { id, fired } of world.cloud.emulator.cloud.faults.list()) {
    const name = names.get(id) ?? id
    struck[name] = (struck[name] ?? 0) + fired
  }
  return struck
}

async function kill(stage: Stage, trouble: Extract<Trouble, { kind: 'kill' }>): Promise<void> {
  const part = partOf(stage, trouble)
  await part.kill()
  await lasted(trouble.awayMs)
  await part.start()
}

function partOf(stage: Stage, { part, which }: { part: string; which: number }): Part {
  if (part === 'temporal') return stage.world.temporal
  const parts = part === 'worker' ? stage.workers : stage.apis
  return which === 0 ? parts[0] : parts[1]
}

/** Whether it is accepted is a matter of luck; either way is right. */
async function wish(
  stage: Stage,
  trouble: Extract<Trouble, { kind: 'ask' }>,
  random: Random,
  hosts: number,
): Promise<boolean> {
  if (trouble.name === 'sweep') return (await sweepOnce(stage.world)) !== undefined
  if (trouble.name === 'resize') return await stage.ask('resize', { size: trouble.size })
  if (trouble.name === 'roll') return await stage.ask('roll', { force: trouble.turn % 2 === 0 })
  if (trouble.name === 'apply') return await applySpec(stage, trouble.turn)
  if (trouble.name === 'pause') return (await stage.ask('pause', {})) && (await stage.ask('resume', {}))
  return await askHost(stage, trouble.name, 1 + random.integer(hosts))
}

async function applySpec(stage: Stage, turn: number): Promise<boolean> {
  const spec = stage.spec(turn)
  const specHash = await stage.world.store.specs.put(spec, Date.now())
  return await stage.ask('apply', { specHash, spec })
}

async function askHost({ world }: Stage, update: 'replace' | 'drain', slot: number): Promise<boolean> {
  const { client } = world
  try {
    await client.connection.withDeadline(Date.now() + ASK_MS, () =>
      client.workflow
        .getHandle(hostWorkflowId(hostId(FLEET, slot)))
        .executeUpdate(HOST_UPDATES[update], { args: [ASKED] }),
    )
    return true
  } catch {
    // That host may be gone just now, or nobody there to answer.
    return false
  }
}

/** Trouble ends: no fault strikes any more, and the fleet is told what is wanted in the end. */
async function lastWishes(stage: Stage, hosts: number): Promise<string[]> {
  stage.world.cloud.emulator.cloud.faults.clear()
  const wishes = [['resume', {}] as const, ['resize', { size: hosts }] as const, ['roll', {}] as const]
  const refused: string[] = []
  for (const [update, request] of wishes) {
    let accepted = false
    for (let tries = 0; tries < LAST_WISH_TRIES && !accepted; tries += 1) {
      accepted = await stage.ask(update, request)
    }
    if (!accepted) refused.push(`nobody accepted ${update} after all trouble was over`)
  }
  return refused
}

/** How attempts have ended, by the journal of the hosts that are there. */
async function outcomes({ world }: Stage): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const rows = await world.store.hosts.list({ fleet: FLEET, includeRetired: true, limit: 1_000 })
  for (const { failure } of rows) {
    if (failure) counts[failure] = (counts[failure] ?? 0) + 1
  }
  return counts
}
