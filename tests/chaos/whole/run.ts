import { waitFor } from '../../../cli/wait-for.ts'
import { countSlots } from '../../../domain/fleet/slots.ts'
import { hostId, hostWorkflowId } from '../../../domain/ids.ts'
import { HOST_UPDATES } from '../../../domain/messages.ts'
import { createRandom, type Random } from '../../../emulator/random.ts'
import { lasted } from '../../support/lasted.ts'
import type { Part } from '../../support/part.ts'
import { watchCloud } from '../../support/whole-cloud.ts'
import { breaches, gatherEvidence } from './breaches.ts'
import { watchLaunches } from './launches.ts'
import { neverHappened } from './must-happen.ts'
import type { ChaosOptions, ChaosReport, Happened } from './options.ts'
import { untilSettled } from './settle.ts'
import { ASKED, FLEET, openStage, type Stage } from './stage.ts'
import { lastSweeps, sweepOnce } from './sweeps.ts'
import { nextTrouble, openingTroubles, type Trouble, type Wish } from './troubles.ts'

const LONGEST_CALM_MS = 1_500
/** A person asked for something in vain: once more, until Temporal and a worker are there. */
const MOST_TRIES = 20
const ASK_MS = 5_000
const RETIRING_MS = 15_000
/** On a busy machine a minute may be over before every fault has found something to strike. */
const EXTRA_MS = 60_000

/**
 * Makes trouble for a fleet on real processes: faults of the cloud, kills of worker, API and Temporal, and people who
 * resize, roll and replace in the middle of it. Then leaves everything alone, and tells what is not as it should be.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seconds, seed, hosts, realAgents, say } = options
  const began = performance.now()
  say(`a fleet of ${hosts} hosts comes up`)
  const stage = await openStage(hosts, realAgents)
  const cloud = watchCloud(stage.world)
  const watch = watchLaunches(stage)
  try {
    const happened = await makeTrouble(stage, options)
    const calm = performance.now()
    say('calm: whatever is away comes back, and the fleet is left alone')
    const unsettled = await calmDown(stage, hosts, say)
    const settledAfterMs = Math.round(performance.now() - calm)
    const { launches, looks } = watch
    const record = { launches, looks, sizes: stage.sizes, announced: cloud.announced }
    const wrong = breaches(await gatherEvidence(stage, cloud, record))
    const problems = [...unsettled, ...wrong, ...neverHappened(happened)]
    return {
      ok: problems.length === 0,
      seed,
      seconds,
      hosts,
      problems,
      ...happened,
      instancesMade: [...cloud.made.values()].reduce((sum, ids) => sum + ids.size, 0),
      realAgents: stage.realAgents(),
      mostLive: Math.max(0, ...launches.map(({ live }) => live)),
      outcomes: await outcomes(stage),
      settledAfterMs,
      totalMs: Math.round(performance.now() - began),
    }
  } finally {
    cloud.stop()
    await watch.stop()
    await stage.close()
  }
}

/** The opening is always made whole; and what has not happened when the time is up may happen for a while yet. */
async function makeTrouble(stage: Stage, options: ChaosOptions): Promise<Happened> {
  const { seconds, seed, hosts, say } = options
  const random = createRandom(`chaos ${seed}`)
  const troubles: Record<string, number> = {}
  const accepted: Record<string, number> = {}
  let unanswered = 0
  const wishes: Promise<void>[] = []
  const names = new Map<string, string>()
  const opening = openingTroubles(random, hosts)
  const until = performance.now() + seconds * 1_000
  const happened = (): Happened => ({ troubles, struck: struckOf(stage, names), accepted, unanswered })
  const isTime = (now: number) =>
    now < until || opening.length > 0 || (now < until + EXTRA_MS && neverHappened(happened()).length > 0)
  while (isTime(performance.now())) {
    await lasted(random.next() * LONGEST_CALM_MS)
    const trouble = opening.shift() ?? nextTrouble(random, hosts)
    count(troubles, trouble.name)
    say(trouble.name)
    if (trouble.kind === 'ask') {
      const noted = wish(stage, trouble, random, hosts).then((isTaken) =>
        isTaken ? count(accepted, trouble.name) : void (unanswered += 1),
      )
      if (trouble.certain) await noted
      else wishes.push(noted)
    } else if (trouble.kind === 'kill') await kill(stage, trouble)
    else names.set(stage.world.cloud.emulator.addFault(trouble.fault).id, trouble.name)
  }
  await Promise.all(wishes)
  return happened()
}

const count = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
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

/** @returns whether it was accepted: mostly a matter of luck, and right either way */
async function wish(stage: Stage, trouble: Wish, random: Random, hosts: number): Promise<boolean> {
  const ask = () => askFor(stage, trouble, random, hosts)
  return trouble.certain ? await askUntilAccepted(ask) : await ask()
}

async function askUntilAccepted(ask: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    if (await ask()) return true
  }
  return false
}

async function askFor(stage: Stage, trouble: Wish, random: Random, hosts: number): Promise<boolean> {
  if (trouble.name === 'sweep') return (await sweepOnce(stage.world)) !== undefined
  if (trouble.name === 'resize') {
    if (trouble.onceRetiring) await untilRetiring(stage)
    return await stage.resize(trouble.size)
  }
  if (trouble.name === 'roll') return await stage.ask('roll', { force: trouble.turn % 2 === 0 })
  if (trouble.name === 'apply') return await applySpec(stage, trouble.turn)
  if (trouble.name === 'pause') return (await stage.ask('pause', {})) && (await stage.ask('resume', {}))
  return await askHost(stage, trouble.name, 1 + random.integer(hosts))
}

/** A fleet that never retires meets the wish all the same, later. */
async function untilRetiring(stage: Stage): Promise<void> {
  const until = performance.now() + RETIRING_MS
  await waitFor('hosts to retire', async () => {
    const fleet = await stage.fleetState()
    return performance.now() > until || (fleet !== undefined && countSlots(fleet.retiring) > 0)
  })
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

/**
 * Trouble ends: no fault strikes any more, and the fleet is told what is wanted in the end. Sweeps go on while it settles,
 * until they have found the orphan. @returns what is not as it should be then, in words
 */
async function calmDown(stage: Stage, hosts: number, say: ChaosOptions['say']): Promise<string[]> {
  stage.world.cloud.emulator.cloud.faults.clear()
  const unasked = await lastWishes(stage, hosts)
  const [unswept, unsettled] = await Promise.all([lastSweeps(stage), untilSettled(stage, hosts, say)])
  return [...unasked, ...unswept, ...unsettled]
}

async function lastWishes(stage: Stage, hosts: number): Promise<string[]> {
  const wishes = {
    resume: () => stage.ask('resume', {}),
    resize: () => stage.resize(hosts),
    roll: () => stage.ask('roll', {}),
  }
  const refused: string[] = []
  for (const [name, ask] of Object.entries(wishes)) {
    if (!(await askUntilAccepted(ask))) refused.push(`nobody accepted ${name} after all trouble was over`)
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
