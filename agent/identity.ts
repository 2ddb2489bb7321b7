import type { Enrollment } from '../domain/wire.ts'
import { findEnrollment } from './enrollment.ts'
import type { MetadataService } from './metadata.ts'
import { fullJitterMs, METADATA_BACK_OFF } from './retry.ts'
import type { Surroundings } from './surroundings.ts'

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

/**
 * Asks the metadata service until it answers: the network of a booting host may take minutes, and the boot deadline
 * is not the agent's to judge.
 *
 * @returns undefined when this instance carries no enrollment: it was not launched by Muster
 */
export async function learnIdentity(
  metadata: MetadataService,
  byHand: ByHand,
  around: Surroundings,
): Promise<Identity | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      const identity = await lookOnce(metadata, byHand)
      if (identity !== undefined || tries >= LOOKS_FOR_ENROLLMENT) return identity
      around.log('warn', 'no enrollment in the user data yet', { tries })
    } catch (error) {
      around.log('warn', 'the metadata service gives no answer yet', { tries, reason: String(error) })
    }
    await around.sleep(fullJitterMs(tries, METADATA_BACK_OFF, around.random()))
  }
}

async function lookOnce(metadata: MetadataService, byHand: ByHand): Promise<Identity | undefined> {
  const given = byHand.apiUrl !== undefined && byHand.token !== undefined
  const [userData, instanceId, mac, privateIp] = await Promise.all([
    given ? undefined : metadata.get('user-data'),
    byHand.instanceId ?? metadata.get('meta-data/instance-id'),
    metadata.get('meta-data/mac'),
    metadata.get('meta-data/private-ipv4'),
  ])
  const enrollment = userData === undefined ? undefined : findEnrollment(userData)
  const apiUrl = byHand.apiUrl ?? enrollment?.apiUrl
  const token = byHand.token ?? enrollment?.token
  if (apiUrl === undefined || token === undefined) return undefined
  return {
    apiUrl: apiUrl.replace(/\/+$/, ''),
    token,
    ...(enrollment === undefined ? {} : { enrollment }),
    instanceId: instanceId?.trim() ?? '',
    mac: mac?.trim().toLowerCase() ?? '',
    privateIp: privateIp?.trim() ?? '',
  }
}
