import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { DEFAULT_POLICY } from '../fleet/policy.ts'
import type { FleetSpec } from '../spec.ts'
import { propertyRuns } from '../testing/property-runs.ts'
import { durationText } from './duration.ts'
import { parseConfig, toFleetSpecs } from './index.ts'

const MINUTE = 60_000
const seconds = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * 1_000)
const id = fc.stringMatching(/^[a-z0-9]{1,20}$/, { size: 'max' })
const word = fc
  .string({ minLength: 1, maxLength: 20, size: 'max', unit: 'grapheme' })
  .filter((text) => !/https?:\/\/|\0|[\n\r\u2028\u2029]/i.test(text))

/** A duration as either of its two spellings. */
const spelled = (ms: number, iso: boolean) => (iso ? `PT${ms / 1_000}S` : durationText(ms))

const placement = fc.record({
  zone: fc.constantFrom('cn-hangzhou-h', 'cn-hangzhou-i'),
  vSwitch: id.map((name) => `vsw-${name}`),
  types: fc.uniqueArray(
    id.map((name) => `ecs.g7.x${name}`),
    { minLength: 1, maxLength: 3 },
  ),
  spot: fc.oneof(
    fc.boolean(),
    fc.record({ priceLimit: fc.integer({ min: 1, max: 900 }).map((cents) => cents / 100) }),
  ),
  weight: fc.integer({ min: 1, max: 100 }),
})

/** Numbers that agree with the rules over several fields. */
const times = fc
  .record({
    every: seconds(1, 300),
    beats: fc.integer({ min: 3, max: 10 }),
    graces: fc.integer({ min: 2, max: 6 }),
    boot: seconds(30, 7_200),
  })
  .chain(({ every, beats, graces, boot }) =>
    fc.record({
      every: fc.constant(every),
      timeout: fc.constant(every * beats),
      silentGrace: fc.constant(Math.max(6_000, every * beats * graces)),
      bootTimeout: fc.constant(boot),
      runningTimeout: seconds(10, boot / 1_000),
      drainTimeout: seconds(1, 3_600),
      initial: seconds(1, 60),
      max: seconds(60, 3_600),
      renewEvery: fc.oneof(fc.constant(0), seconds(300, 86_400)),
      preserveFailed: fc.oneof(fc.constant(0), seconds(1_800, 86_400)),
      iso: fc.boolean(),
    }),
  )

const fleet = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/, { size: 'max' }),
  size: fc.integer({ min: 0, max: 5_000 }),
  image: id.map((name) => `m-${name}`),
  placement,
  tags: fc.dictionary(
    word.filter((key) => key !== '__proto__' && !/^(aliyun|acs:|muster:)/i.test(key)),
    word,
    { maxKeys: 12, size: 'max' },
  ),
  command: fc.array(word, { minLength: 1, maxLength: 4 }),
  times,
})

type Fleet = typeof fleet extends fc.Arbitrary<infer T> ? T : never

function written({ size, image, placement: place, tags, command, times: t }: Fleet) {
  const text = (ms: number) => (ms === 0 ? 'off' : spelled(ms, t.iso))
  return {
    size,
    hosts: {
      image,
      policy: 'weighted',
      placements: [place],
      securityGroups: ['sg-1'],
      tags,
      workload: { command, restart: 'always' },
      heartbeat: { every: text(t.every), timeout: text(t.timeout) },
      silentGrace: text(t.silentGrace),
      bootTimeout: text(t.bootTimeout),
      runningTimeout: text(t.runningTimeout),
      drainTimeout: text(t.drainTimeout),
      backoff: { initial: text(t.initial), max: text(t.max) },
      deadMan: { renewEvery: text(t.renewEvery) },
      preserveFailed: text(t.preserveFailed),
    },
  }
}

function meant({ name, size, image, placement: place, tags, command, times: t }: Fleet): FleetSpec {
  const { zone, vSwitch: vSwitchId, types, spot, weight } = place
  return {
    name,
    size,
    policy: DEFAULT_POLICY,
    host: {
      region: 'cn-hangzhou',
      imageId: image,
      os: 'linux',
      placements: types.map((instanceType) => ({
        zone,
        vSwitchId,
        instanceType,
        weight,
        ...(spot !== false && { spot: spot === true ? {} : spot }),
      })),
      placementPolicy: 'weighted',
      securityGroupIds: ['sg-1'],
      internetMaxBandwidthOutMbps: 0,
      tags,
      workload: { command, stopTimeoutMs: MINUTE / 2, restart: 'always' },
      heartbeatSeconds: t.every / 1_000,
      heartbeatTimeoutMs: t.timeout,
      silentGraceMs: t.silentGrace,
      bootTimeoutMs: t.bootTimeout,
      runningTimeoutMs: t.runningTimeout,
      drainTimeoutMs: t.drainTimeout,
      backoff: { initialMs: t.initial, maxMs: t.max },
      ...(t.renewEvery > 0 && { deadManRenewEveryMs: t.renewEvery }),
      preserveFailedMs: t.preserveFailed,
    },
  }
}

test('any fleets written to YAML are read as they were meant', () => {
  const fleets = fc.uniqueArray(fleet, { minLength: 1, maxLength: 4, selector: ({ name }) => name })
  fc.assert(
    fc.property(fleets, (all) => {
      const text = stringify({ fleets: Object.fromEntries(all.map((one) => [one.name, written(one)])) })
      const specs = toFleetSpecs(parseConfig(text, 'muster.yaml'))
      expect(specs).toEqual(all.map(meant).toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    }),
    propertyRuns(1, 60),
  )
})

test('defaults give what a fleet does not say, tags and beats one by one', () => {
  const text = stringify({
    defaults: {
      ...written(sample()).hosts,
      tags: { team: 'a', stage: 'x' },
      heartbeat: { every: '10s', timeout: '60s' },
      silentGrace: '5m',
    },
    fleets: {
      a: { size: 1 },
      b: { size: 1, hosts: { tags: { stage: 'y' }, heartbeat: { timeout: '90s' }, os: 'windows' } },
    },
  })
  const [a, b] = toFleetSpecs(parseConfig(text, 'muster.yaml'))
  expect(b?.host).toEqual({
    ...a?.host,
    tags: { team: 'a', stage: 'y' },
    heartbeatTimeoutMs: 90_000,
    os: 'windows',
  })
  expect(a?.host).toMatchObject({
    tags: { team: 'a', stage: 'x' },
    heartbeatSeconds: 10,
    heartbeatTimeoutMs: 60_000,
  })
})

function sample(): Fleet {
  const [one] = fc.sample(fleet, { numRuns: 1, seed: 1 })
  if (!one) throw new Error('fast-check gave no sample')
  return one
}
