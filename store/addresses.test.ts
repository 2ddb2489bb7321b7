import { expect, test } from 'vitest'
import { onEachDatabase } from './testing/on-each-database.ts'
import { sampleRecord } from './testing/samples.ts'

const IP = '10.0.0.1'
const KEY = { host: 'render/00001', generation: 'aaaaaaaaaa', attempt: 1 }
const OTHER = { ...KEY, host: 'render/00002' }

onEachDatabase('addresses', (current) => {
  const addresses = () => current().store.addresses
  const record = (changes: Parameters<typeof sampleRecord>[0]) =>
    current().store.hosts.record(sampleRecord({ privateIp: IP, ...changes }), 1)

  test('a record with an address takes it for its attempt', async () => {
    expect(await addresses().byIp(IP)).toBeUndefined()
    await record({})
    expect(await addresses().byIp(IP)).toEqual(KEY)
  })

  test('deleting and retired keep it, free gives it back', async () => {
    await record({})
    await record({ seq: 2, phase: 'deleting' })
    await record({ seq: 3, phase: 'retired' })
    expect(await addresses().byIp(IP)).toEqual(KEY)
    await addresses().free({ ...KEY, attempt: 2 })
    expect(await addresses().byIp(IP)).toEqual(KEY)
    await addresses().free(KEY)
    expect(await addresses().byIp(IP)).toBeUndefined()
  })

  test('the next instance of the cloud with that address takes it over; late records and free of the old one change nothing', async () => {
    await record({ seq: 1 })
    await record({ slot: 2 })
    expect(await addresses().byIp(IP)).toEqual(OTHER)
    await record({ seq: 1 })
    await record({ seq: 2, phase: 'ready' })
    await record({ seq: 3, phase: 'deleting' })
    await addresses().free(KEY)
    expect(await addresses().byIp(IP)).toEqual(OTHER)
  })

  test('a record that is not the news takes no address', async () => {
    await current().store.hosts.record(sampleRecord({ seq: 5 }), 1)
    await record({ seq: 4 })
    expect(await addresses().byIp(IP)).toBeUndefined()
  })

  test('an attempt whose address changes holds the new one only', async () => {
    await record({ seq: 1 })
    await record({ seq: 2, privateIp: '10.0.0.2' })
    expect(await addresses().byIp(IP)).toBeUndefined()
    expect(await addresses().byIp('10.0.0.2')).toEqual(KEY)
  })

  test('a claim is taken once, and not after it has expired', async () => {
    await addresses().claim(IP, 100, 200)
    expect(await addresses().takeClaim(IP, 150)).toBe(true)
    expect(await addresses().takeClaim(IP, 150)).toBe(false)
    await addresses().claim(IP, 100, 200)
    expect(await addresses().takeClaim(IP, 200)).toBe(false)
  })

  test('a claim taken by many at once is taken by one', async () => {
    await addresses().claim(IP, 100, 200)
    const taken = await Promise.all(Array.from({ length: 8 }, () => addresses().takeClaim(IP, 150)))
    expect(taken.filter(Boolean)).toHaveLength(1)
  })

  test('claims match once an attempt holds the address, until they expire', async () => {
    await addresses().claim(IP, 100, 200)
    await addresses().claim('10.0.0.9', 100, 200)
    expect(await addresses().matchingClaims(150)).toEqual([])
    await record({})
    expect(await addresses().matchingClaims(150)).toEqual([{ privateIp: IP, key: KEY }])
    expect(await addresses().matchingClaims(200)).toEqual([])
  })

  test('a claim made before the instance was launched is of a former owner of the address, and matches nothing', async () => {
    await record({ launchedAt: 50_000 })
    // The former owner may speak until a moment before: while it is deleted its claims are kept, for the next one.
    await addresses().claim(IP, 49_999, 900_000)
    expect(await addresses().matchingClaims(60_000)).toEqual([])
    await addresses().claim(IP, 50_000, 900_000)
    expect(await addresses().matchingClaims(60_000)).toEqual([{ privateIp: IP, key: KEY }])
  })

  test('an address that is named first in ready, by the agent’s own word, is taken from nobody', async () => {
    await record({})
    await current().store.hosts.record(sampleRecord({ slot: 2 }), 1)
    await record({ slot: 2, seq: 2, phase: 'ready' })
    await record({ slot: 3, phase: 'launching' })
    expect(await addresses().byIp(IP)).toEqual(KEY)
  })

  test('a new claim renews the old and sweeps expired ones', async () => {
    await addresses().claim(IP, 100, 200)
    await addresses().claim(IP, 180, 400)
    await addresses().claim('10.0.0.9', 500, 600)
    const left = await current().database.db.selectFrom('address_claims').selectAll().execute()
    expect(left).toEqual([{ private_ip: '10.0.0.9', claimed_at: 500, expires_at: 600 }])
  })

  test('a claim of something that is no address is refused', async () => {
    await expect(addresses().claim('10.0.0', 1, 2)).rejects.toMatchObject({ code: 'bad_request' })
  })
})
