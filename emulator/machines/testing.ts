import { ENROLLMENT_MARK } from '../../domain/wire.ts'
import type { MachineSpec } from './contract.ts'

let made = 0

/** A machine's spec for tests: each call has an address and ids of its own. */
export function testSpec(changes: Partial<MachineSpec> = {}): MachineSpec {
  made += 1
  // Tests of several processes run at once on one loopback.
  const net = 64 + (process.pid % 128)
  const number = String(made).padStart(4, '0')
  return {
    instanceId: `i-bp1emulated00000${number}`,
    regionId: 'cn-hangzhou',
    zoneId: 'cn-hangzhou-h',
    imageId: 'm-bp1image',
    instanceType: 'ecs.c7.xlarge',
    instanceName: 'render-00001',
    hostName: `host-${number}`,
    serialNumber: '00000000-0000-4000-8000-000000000001',
    ownerAccountId: '1000000000000001',
    privateIp: `127.${net}.${Math.floor(made / 250)}.${(made % 250) + 2}`,
    mac: '00:16:3e:00:00:01',
    vpcId: 'vpc-one',
    vpcCidr: `127.${net}.0.0/16`,
    vSwitchId: 'vsw-one',
    vSwitchCidr: `127.${net}.0.0/20`,
    networkInterfaceId: 'eni-one',
    os: 'linux',
    metadata: { httpEndpoint: 'enabled', httpTokens: 'optional' },
    behaviour: { agent: 'process' },
    ...changes,
  }
}

/** User data as a launch of Muster makes it. */
export function testUserData(apiUrl: string, token = 'tok'): Buffer {
  const enrollment = {
    apiUrl,
    token,
    host: 'render/00001',
    generation: 'abc',
    attempt: 1,
    expiresAt: '2030-01-01T00:00:00Z',
  }
  return Buffer.from(
    `#!/bin/sh\n${ENROLLMENT_MARK}${Buffer.from(JSON.stringify(enrollment)).toString('base64url')}\n`,
  )
}
