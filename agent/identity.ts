import { networkInterfaces } from 'node:os'
import { MusterError } from '../domain/errors.ts'
import type { Enrollment } from '../domain/wire.ts'
import { findEnrollment } from './enrollment.ts'
import type { MetadataService } from './metadata.ts'
import { fullJitterMs, METADATA_BACK_OFF } from './retry.ts'
import type { Runtime } from './runtime.ts'

/** Who this instance is and where its API is. */
export interface Identity {
  apiUrl: string
  token: string
  /** Absent when the API and token were given by hand. */
  enrollment?: Enrollment
  instanceId: string
  mac: string
  privateIp: string
}

export interface ByHand {
  apiUrl?: string
  token?: string
  instanceId?: string
}

/**
 * User data does not come later, but the service of a booting instance may answer 404 for a moment; after this many
 * looks (about half a minute) the instance is taken for one that Muster did not launch.
 */
const LOOKS_FOR_ENROLLMENT = 10

/** With everything given by hand there may be no metadata service at all. */
const LOOKS_BY_HAND = 3

/**
 * Asks the metadata service until it answers: the network of a booting host may take minutes, and the boot deadline
 * is not the agent's to judge.
 *
 * @returns undefined when this instance carries no enrollment: it was not launched by Muster
 */
export async function learnIdentity(
  metadata: MetadataService,
  byHand: ByHand,
  runtime: Runtime,
): Promise<Identity | undefined> {
  let looks = 0
  for (let tries = 1; ; tries += 1) {
    try {
      const identity = await lookOnce(metadata, byHand)
      looks += 1
      if (identity !== undefined || looks >= LOOKS_FOR_ENROLLMENT) return identity
      runtime.log('warn', 'no enrollment in the user data yet', { looks })
    } catch (error) {
      runtime.log('warn', 'the metadata service gives no answer yet', { tries, reason: String(error) })
      const known = tries >= LOOKS_BY_HAND ? identityByHand(byHand) : undefined
      if (known !== undefined) return known
    }
    await runtime.sleep(fullJitterMs(tries, METADATA_BACK_OFF, runtime.random()))
  }
}

async function lookOnce(metadata: MetadataService, byHand: ByHand): Promise<Identity | undefined> {
  const given = byHand.apiUrl !== undefined && byHand.token !== undefined
  // One after the other on one connection: a second connection costs the start more than the second answer.
  const userData = given ? undefined : await metadata.get('user-data')
  const address = await readAddress(metadata)
  const enrollment = userData === undefined ? undefined : findEnrollment(userData)
  const { apiUrl, token } = { ...enrollment, ...byHand }
  if (apiUrl === undefined || token === undefined) return undefined
  const instanceId = byHand.instanceId ?? address.instanceId
  return {
    apiUrl: apiUrl.replace(/\/+$/, ''),
    token,
    ...address,
    instanceId,
    ...(enrollment && { enrollment }),
  }
}

interface Address {
  instanceId: string
  mac: string
  privateIp: string
}

/**
 * The identity document holds all three in one answer (2 ms earlier `started` than item by item). Older texts of it
 * name the address otherwise, so what it lacks is asked for singly.
 */
async function readAddress(metadata: MetadataService): Promise<Address> {
  const document = parseDocument(await metadata.get('dynamic/instance-identity/document'))
  const [instanceId, mac, privateIp] = await Promise.all([
    document['instance-id'] ?? item(metadata, 'instance-id'),
    document['mac'] ?? item(metadata, 'mac'),
    document['private-ipv4'] ?? item(metadata, 'private-ipv4'),
  ])
  return { instanceId, mac: mac.toLowerCase(), privateIp }
}

function parseDocument(text: string | undefined): Partial<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(
      Object.entries(value).filter(([, field]) => typeof field === 'string' && field !== ''),
    )
  } catch {
    // Not JSON: the single items are asked for.
    return {}
  }
}

/** @throws MusterError `unavailable` while the service does not know the item: every instance has these. */
async function item(metadata: MetadataService, name: string): Promise<string> {
  const text = (await metadata.get(`meta-data/${name}`))?.trim()
  if (text) return text
  throw new MusterError('unavailable', `the metadata service has no "${name}" yet`)
}

/** Identity without any metadata service: what was given, and the first address of this machine. */
function identityByHand({ apiUrl, token, instanceId }: ByHand): Identity | undefined {
  if (apiUrl === undefined || token === undefined || instanceId === undefined) return undefined
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const first = addresses.find(({ internal, family }) => !internal && family === 'IPv4') ?? addresses[0]
  return { apiUrl, token, instanceId, mac: first?.mac ?? '', privateIp: first?.address ?? '' }
}
