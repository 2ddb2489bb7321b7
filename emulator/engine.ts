import { MusterError } from '../domain/errors.ts'
import { clockSchema, seedSchema } from './admin/schemas.ts'
import type { ClockInput, Seed, SeedInput } from './admin/schemas.ts'
import { createClock, IMMEDIATE_CLOCK_POLICY } from './clock.ts'
import type { Clock, ClockPolicy } from './clock.ts'
import { createCloud } from './cloud/cloud.ts'
import type { Cloud } from './cloud/cloud.ts'
import { defaultCatalogue } from './cloud/default-catalogue.ts'
import type { Instance } from './cloud/instance.ts'
import { strikeLiving } from './cloud/launch.ts'
import { createFaults } from './faults/faults.ts'
import type { FaultState } from './faults/faults.ts'
import type { FaultInput } from './faults/schema.ts'
import type { MachineBehaviour, MachineRoom } from './machines/contract.ts'
import { isAction } from './operations/table.ts'
import { createRandom } from './random.ts'
import { createRateLimiter } from './rate-limit.ts'
import type { RateLimiter } from './rate-limit.ts'
import { createRecorder } from './recorder.ts'
import type { Recorder } from './recorder.ts'
import type { SavedState, StateFile } from './state-file.ts'
import { createStatuspage, type Statuspage } from './statuspage/index.ts'
import { isStatuspageAction } from './statuspage/operations.ts'

/** One life of the emulated cloud, from start or reset to close or the next reset. */
export interface Engine {
  readonly cloud: Cloud
  readonly recorder: Recorder
  readonly rateLimiter: RateLimiter
  readonly statuspage: Statuspage
  seed(input: SeedInput): void
  addFault(input: FaultInput): FaultState
  /** Returns how many waiting changes were carried out. */
  setClock(input: ClockInput): number
  /** Ends every timer and machine; says nothing of it to the state file. */
  dispose(): Promise<void>
}

export interface EngineOptions {
  seed: string
  ownerAccountId: string
  room: MachineRoom
  stateFile: StateFile
  policy: ClockPolicy
  behaviour: MachineBehaviour
  tokenLifeMs: number
  recordedCalls: number
  statuspageKeys: readonly string[]
  wallNow: () => number
  log: (event: { instanceId?: string; message: string }) => void
}

/** @param saved what a former life left behind. */
export function createEngine(options: EngineOptions, saved: SavedState): Engine {
  const seed = saved.boots > 1 ? `${options.seed} boot ${saved.boots}` : options.seed
  const clock = createClock(options.wallNow, (error) => options.log({ message: `timer: ${String(error)}` }))
  const cloud = cloudOf(options, seed, clock)
  const rateLimiter = createRateLimiter(options.wallNow)
  const recorder = createRecorder(options.recordedCalls)
  const statuspage = statuspageOf(options, seed, saved, { recorder, faults: cloud.faults })

  function apply(wanted: Seed): void {
    checkActions(Object.keys(wanted.rateLimits ?? {}), 'seed.rateLimits')
    cloud.places.merge(wanted.catalogue ?? {})
    checkPlaces(cloud, wanted)
    claimAddresses(cloud)
    if (wanted.stock !== undefined) cloud.capacity.setStock(wanted.stock)
    if (wanted.quota !== undefined) cloud.capacity.setQuota(wanted.quota)
    rateLimiter.set(wanted.rateLimits ?? {})
    Object.assign(cloud.policy, wanted.clock)
    if (wanted.behaviour !== undefined) cloud.settings.behaviour = wanted.behaviour
    if (wanted.statuspage !== undefined) statuspage.seed(wanted.statuspage)
    for (const fault of wanted.faults ?? []) addFault(fault)
  }
  function addFault(input: FaultInput): FaultState {
    checkActions(
      [input.action ?? '*'].flat().filter((name) => !isStatuspageAction(name)),
      'fault.action',
    )
    const fault = cloud.faults.add(input)
    strikeLiving(cloud, fault.id)
    return fault
  }
  saved.seeds.forEach(apply)
  restore(cloud, saved)
  return {
    cloud,
    recorder,
    rateLimiter,
    statuspage,
    seed(input) {
      const wanted = parse(seedSchema, input, 'seed')
      apply(wanted)
      options.stateFile.seed({ ...wanted, ...stockFromEmpty(cloud, wanted), ...limitOfPages(wanted) })
    },
    addFault,
    setClock(input) {
      const { policy, advance, advanceSeconds } = parse(clockSchema, input, 'clock')
      Object.assign(cloud.policy, policy === 'immediate' ? IMMEDIATE_CLOCK_POLICY : policy)
      if (advanceSeconds !== undefined) clock.advance(advanceSeconds * 1000)
      return advance === undefined ? 0 : cloud.transitions.advance(advance)
    },
    async dispose() {
      clock.close()
      await cloud.power.closeAll()
    },
  }
}

/** Running instances are powered on again, changes under way go on. */
function restore(cloud: Cloud, saved: SavedState): void {
  for (const token of saved.tokens) cloud.tokens.load(token)
  for (const event of saved.events) cloud.events.add(event)
  for (const left of saved.leftovers) {
    cloud.leftovers.add(left)
    if (left.kind === 'interface') cloud.places.pool(left.vSwitchId)?.claim(left.privateIp)
  }
  const instances = saved.instances.toSorted((a, b) => a.order - b.order)
  for (const instance of instances) restoreOne(cloud, instance)
}

function restoreOne(cloud: Cloud, instance: Instance): void {
  instance.visible.id = true
  cloud.instances.add(instance)
  cloud.capacity.take(instance)
  cloud.places.pool(instance.vSwitchId)?.claim(instance.privateIp)
  cloud.retirement.resume(instance)
  cloud.lifecycle.resume(instance)
}

/** A vSwitch whose block changed starts with all its addresses free: existing instances take theirs again. */
function claimAddresses({ instances, leftovers, places }: Cloud): void {
  for (const one of instances.newestFirst()) places.pool(one.vSwitchId)?.claim(one.privateIp)
  for (const left of leftovers.all())
    if (left.kind === 'interface') places.pool(left.vSwitchId)?.claim(left.privateIp)
}

/** A misspelt name would simply never strike. */
function checkActions(names: readonly string[], where: string): void {
  const unknown = names.find((name) => name !== '*' && !isAction(name))
  if (unknown === undefined) return
  throw new MusterError(
    'bad_request',
    `${where}: there is no action "${unknown}"; docs/emulator-actions.md lists them, * means all.`,
  )
}

function checkPlaces({ places }: Cloud, { stock, quota }: Seed): void {
  for (const { zoneId, instanceType } of [...(stock ?? []), ...(quota ?? [])]) {
    if (zoneId !== undefined && places.zoneRegion(zoneId) === undefined) throw unknownPlace('zone', zoneId)
    if (instanceType !== undefined && places.instanceType(instanceType) === undefined) {
      throw unknownPlace('instance type', instanceType)
    }
  }
}

function unknownPlace(what: string, name: string): MusterError {
  return new MusterError(
    'bad_request',
    `seed: there is no ${what} "${name}" to limit; add it to seed.catalogue first.`,
  )
}

/** Stock as it would be without existing instances: a restart applies seeds first and then subtracts those. */
function stockFromEmpty(cloud: Cloud, { stock }: Seed): Pick<Seed, 'stock'> {
  if (stock === undefined) return {}
  return {
    stock: stock.map((entry) => ({
      ...entry,
      available: entry.available + cloud.capacity.live(entry.zoneId, entry.instanceType),
    })),
  }
}

function cloudOf(options: EngineOptions, seed: string, clock: Clock): Cloud {
  return createCloud({
    seed,
    ownerAccountId: options.ownerAccountId,
    clock,
    policy: options.policy,
    catalogue: defaultCatalogue(),
    room: options.room,
    faults: createFaults(seed),
    behaviour: options.behaviour,
    tokenLifeMs: options.tokenLifeMs,
    journal: options.stateFile,
    log: options.log,
  })
}

function statuspageOf(
  options: EngineOptions,
  seed: string,
  saved: SavedState,
  { recorder, faults }: { recorder: Recorder; faults: Cloud['faults'] },
): Statuspage {
  // Of its own, so that the cloud's ids are the same with and without it.
  const random = createRandom(`${seed} statuspage`)
  return createStatuspage({
    keys: options.statuspageKeys,
    newId: () => random.text(12, 'abcdefghijklmnopqrstuvwxyz0123456789'),
    nowMs: options.wallNow,
    recorder,
    fault: (action) => faults.forCall(action, [{ tags: {} }]),
    saved: saved.statuspage,
    journal: options.stateFile.statuspage,
    log: options.log,
  })
}

/** Pages and what they show are kept themselves. */
const limitOfPages = ({ statuspage }: Seed): Pick<Seed, 'statuspage'> =>
  statuspage === undefined ? {} : { statuspage: { ...statuspage, pages: [] } }

interface Schema<T> {
  safeParse(
    input: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } }
}

function parse<T>(schema: Schema<T>, input: unknown, what: string): T {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${[what, ...path.map(String)].join('.')}: ${message}`,
  )
  throw new MusterError('bad_request', `${problems.join('; ')}. See docs/emulator.md.`)
}
