import { describe, expect, it, test } from 'vitest'
import { toHostSpec } from '../../domain/config/to-fleet-specs.ts'
import type { HostSettings } from '../../domain/config/types.ts'
import { fieldOf } from './field-of.ts'

type Field = HostSettings['placements'][number]

const field = (zone: string, rest: Partial<Field>): Field => ({
  zone: `cn-hangzhou-${zone}`,
  vSwitch: `vsw-${zone}`,
  ...rest,
})
const one = [field('h', { type: 'ecs.c7.large' })]
const of = (code: string, placements = one, index = 0, message = '') =>
  fieldOf({ code, message }, 'render', { placements }, index)

test.each([
  ['InvalidImageId.NotFound', 'image'],
  ['ImageNotSupportInstanceType', 'image'],
  ['InvalidZoneId.NotFound', 'placements[0].zone'],
  ['InvalidVSwitchId.NotFound', 'placements[0].vSwitch'],
  ['InvalidInstanceType.ValueNotSupported', 'placements[0].type'],
  ['InvalidResourceType.NotSupported', 'placements[0].type'],
  ['InstanceType.Offline', 'placements[0].type'],
  ['InvalidSpotPriceLimit.LowerThanPublicPrice', 'placements[0].spot'],
  ['OperationDenied.SpotPriceLowerThanPublicPrice', 'placements[0].spot'],
  ['InvalidSecurityGroupId.NotFound', 'securityGroups'],
  ['InvalidKeyPair.NotFound', 'keyPair'],
  ['InvalidKeyPairName.NotFound', 'keyPair'],
  ['InvalidRamRole.NotFound', 'ramRole'],
  ['InvalidSystemDiskCategory.ValueNotSupported', 'systemDisk'],
])('%s is about %s', (code, path) => {
  expect(of(code)).toBe(`fleets.render.hosts.${path}`)
})

test.each([
  ['Specified virtual switch is not in the specified zone.', 'placements[0].vSwitch'],
  ['The specified VSwitch and zone do not match.', 'placements[0].vSwitch'],
  ['Specified security group and virtual switch are not in the same VPC.', 'securityGroups'],
])('of what does not fit together, "%s" is about %s', (words, path) => {
  expect(of('InvalidParameter.Mismatch', one, 0, words)).toBe(`fleets.render.hosts.${path}`)
  expect(of('InvalidPasswordParam.Mismatch', one, 0, words)).toBeUndefined()
})

test('a code that is about no field of the config names none', () => {
  expect(of('InvalidAccountStatus.NotEnoughBalance')).toBeUndefined()
  expect(of('InvalidImageOwnerAlias.ValueNotSupported')).toBeUndefined()
  expect(of('InvalidParameter.Mismatch')).toBeUndefined()
})

describe('the placement that was refused', () => {
  /** Each placement of the spec, and the field of the file for its type. */
  function types(placements: Field[]): [string, string | undefined][] {
    const hosts = { image: 'm-1', securityGroups: ['sg-1'], placements }
    return toHostSpec(hosts, 'cn-hangzhou').placements.map(({ instanceType, spot, fallback }, index) => [
      [instanceType, spot && 'spot', fallback && 'fallback'].filter(Boolean).join(' '),
      of('InvalidInstanceType.ValueNotSupported', placements, index)?.replace(/.*placements/, ''),
    ])
  }
  const spot = { fallback: true }

  it('is found behind lists of types', () => {
    expect(
      types([
        field('g', { types: ['a', 'b'] }),
        field('h', { type: 'a' }),
        field('i', { types: ['b', 'a'], spot: true }),
      ]),
    ).toEqual([
      ['a', '[0].types[0]'],
      ['b', '[0].types[1]'],
      ['a', '[1].type'],
      ['b spot', '[2].types[0]'],
      ['a spot', '[2].types[1]'],
    ])
  })

  it('is the spot placement itself for its on-demand twin, and twins shift nobody behind them', () => {
    expect(
      types([
        field('g', { types: ['a', 'b'], spot }),
        field('h', { type: 'c' }),
        field('h', { type: 'a', spot }),
        field('i', { types: ['a', 'b'] }),
      ]),
    ).toEqual([
      ['a spot', '[0].types[0]'],
      ['b spot', '[0].types[1]'],
      ['c', '[1].type'],
      ['a spot', '[2].type'],
      ['a fallback', '[0].types[0]'],
      ['b fallback', '[0].types[1]'],
      ['a fallback', '[2].type'],
      ['a', '[3].types[0]'],
      ['b', '[3].types[1]'],
    ])
  })

  it('is the one with that price limit, and a twin is of the one that has a fallback', () => {
    expect(
      types([
        field('g', { type: 'a', spot: true }),
        field('g', { type: 'a', spot: { priceLimit: 1, fallback: true } }),
        field('g', { type: 'b', spot }),
        field('g', { type: 'b' }),
      ]),
    ).toEqual([
      ['a spot', '[0].type'],
      ['a spot', '[1].type'],
      ['b spot', '[2].type'],
      ['a fallback', '[1].type'],
      ['b', '[3].type'],
    ])
  })

  it('has its own zone and vSwitch', () => {
    const placements = [field('g', { type: 'a', spot }), field('h', { type: 'a' })]
    expect(of('InvalidZoneId.NotFound', placements, 2)).toBe('fleets.render.hosts.placements[1].zone')
    expect(of('InvalidVSwitchId.NotFound', placements, 1)).toBe('fleets.render.hosts.placements[0].vSwitch')
  })
})
