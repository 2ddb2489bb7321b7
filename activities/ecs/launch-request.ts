import { createHash } from 'node:crypto'
import { signEnrollment } from '../../domain/enrollment/token.ts'
import { enrollmentUserData } from '../../domain/enrollment/user-data.ts'
import { instanceTags } from '../../domain/tags.ts'
import type { LaunchInput } from '../contract.ts'
import { tokenCrypto } from '../../store/token-crypto.ts'
import type { RunInstance } from './api.ts'
import { hostName, instanceName } from './host-names.ts'
import { releaseTime } from './release-time.ts'

/** What a launch's request is computed from: equal input gives equal bytes. */
export type LaunchFacts = Pick<
  LaunchInput,
  'owner' | 'key' | 'launch' | 'placement' | 'spec' | 'api' | 'autoReleaseAt' | 'tokenExpiresAt'
>

/**
 * The `RunInstances` request of a launch.
 *
 * @param secret of the enrollment key `input.api.keyId`
 */
export function launchRequest(input: LaunchFacts, secret: string): RunInstance {
  const { spec, placement, key, owner } = input
  const keyPairName = spec.os === 'linux' ? spec.keyPairName : undefined // ignored, and refused by some, on Windows
  return {
    clientToken: clientToken(input),
    imageId: spec.imageId,
    instanceType: placement.instanceType,
    zoneId: placement.zone,
    vSwitchId: placement.vSwitchId,
    securityGroupIds: spec.securityGroupIds,
    instanceName: instanceName(key),
    hostName: hostName(key, spec.os),
    userData: userData(input, secret),
    autoReleaseTime: releaseTime(input.autoReleaseAt),
    tags: { ...spec.tags, ...instanceTags(owner, key) },
    internetMaxBandwidthOutMbps: spec.internetMaxBandwidthOutMbps,
    ...(spec.systemDisk ? { systemDisk: spec.systemDisk } : {}),
    ...(spec.ramRoleName ? { ramRoleName: spec.ramRoleName } : {}),
    ...(keyPairName ? { keyPairName } : {}),
    ...(placement.spot ? { spot: placement.spot } : {}),
  }
}

/** ≤ 64 ASCII characters (RunInstances `ClientToken`): SHA-256 in hex is exactly that. */
function clientToken({ owner, key, launch }: LaunchFacts): string {
  const name = [owner.controller, owner.namespaceId, key.host, key.generation, key.attempt, launch].join('|')
  return createHash('sha256').update(name).digest('hex')
}

function userData({ api, key, owner, spec, tokenExpiresAt }: LaunchFacts, secret: string): string {
  const claims = { ...key, controller: owner.controller, expiresAt: tokenExpiresAt }
  return enrollmentUserData(spec.os, {
    apiUrl: api.url,
    token: signEnrollment(claims, { id: api.keyId, secret }, tokenCrypto),
    host: key.host,
    generation: key.generation,
    attempt: key.attempt,
    expiresAt: new Date(tokenExpiresAt).toISOString(),
  })
}
