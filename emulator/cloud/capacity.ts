import { refuse } from '../errors.ts'
import type { Instance } from './instance.ts'

/** How many more of a type a zone can take; a pair without an entry has no limit. */
export interface StockEntry {
  zoneId: string
  instanceType: string
  available: number
}

/** How much the account may have; every entry that fits an instance must leave room for it. */
export interface QuotaEntry {
  regionId?: string | undefined
  zoneId?: string | undefined
  instanceType?: string | undefined
  maxInstances?: number | undefined
  maxVcpus?: number | undefined
}

type Place = Pick<Instance, 'regionId' | 'zoneId' | 'instanceType'>

export interface Capacity {
  /** Undefined: unlimited. */
  stock(zoneId: string, instanceType: string): number | undefined
  setStock(entries: readonly StockEntry[]): void
  setQuota(entries: readonly QuotaEntry[]): void
  /** How many of `wanted` can be made now; throws the cloud's error when quota allows fewer than `atLeast`. */
  grant(place: Place, wanted: number, atLeast: number): number
  /** Instances that live in a zone, of a type. */
  live(zoneId: string, instanceType: string): number
  take(place: Place): void
  giveBack(place: Place): void
  snapshot(): { stock: StockEntry[]; quota: QuotaEntry[] }
}

/** @param vcpusOf vCPUs of an instance type. */
export function createCapacity(vcpusOf: (instanceType: string) => number): Capacity {
  const stock = new Map<string, StockEntry>()
  let quotas: QuotaEntry[] = []
  let used: number[] = []
  const live = new Map<string, { place: Place; count: number }>()
  const at = (zoneId: string, instanceType: string): string => `${zoneId} ${instanceType}`

  function usage(quota: QuotaEntry): number {
    let sum = 0
    for (const { place, count } of live.values())
      if (covers(quota, place)) sum += count * weight(quota, place)
    return sum
  }
  function weight(quota: QuotaEntry, place: Place): number {
    return quota.maxVcpus === undefined ? 1 : vcpusOf(place.instanceType)
  }
  function count(place: Place, by: 1 | -1): void {
    const name = at(place.zoneId, place.instanceType)
    const entry = live.get(name) ?? { place, count: 0 }
    entry.count += by
    live.set(name, entry)
    quotas.forEach((quota, index) => {
      if (covers(quota, place)) used[index] = (used[index] ?? 0) + by * weight(quota, place)
    })
    const stocked = stock.get(name)
    if (stocked !== undefined) stocked.available -= by
  }
  function roomInQuota(place: Place): number {
    return quotas.reduce((room, quota, index) => {
      if (!covers(quota, place)) return room
      const limit = quota.maxVcpus ?? quota.maxInstances ?? Number.POSITIVE_INFINITY
      return Math.min(room, Math.floor((limit - (used[index] ?? 0)) / weight(quota, place)))
    }, Number.POSITIVE_INFINITY)
  }
  return {
    stock: (zoneId, instanceType) => stock.get(at(zoneId, instanceType))?.available,
    setStock(entries) {
      for (const entry of entries) stock.set(at(entry.zoneId, entry.instanceType), { ...entry })
    },
    setQuota(entries) {
      quotas = [...entries]
      used = quotas.map(usage)
    },
    grant(place, wanted, atLeast) {
      if (roomInQuota(place) < atLeast) throw refuse('QuotaExceed.ElasticQuota')
      const available = stock.get(at(place.zoneId, place.instanceType))?.available ?? Number.POSITIVE_INFINITY
      if (available < atLeast) throw refuse('OperationDenied.NoStock')
      return Math.min(wanted, available, roomInQuota(place))
    },
    live: (zoneId, instanceType) => live.get(at(zoneId, instanceType))?.count ?? 0,
    take: (place) => count(place, 1),
    giveBack: (place) => count(place, -1),
    snapshot: () => ({ stock: [...stock.values()].map((entry) => ({ ...entry })), quota: [...quotas] }),
  }
}

function covers(quota: QuotaEntry, place: Place): boolean {
  return (
    (quota.regionId ?? place.regionId) === place.regionId &&
    (quota.zoneId ?? place.zoneId) === place.zoneId &&
    (quota.instanceType ?? place.instanceType) === place.instanceType
  )
}
