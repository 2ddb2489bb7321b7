import { describe, expect, test } from 'vitest'
import Ecs from '@alicloud/ecs20140526'
import { $OpenApiUtil } from '@alicloud/openapi-core'
import { defaultExport } from './default-export.ts'
import { publicEndpoint } from './endpoint.ts'
import { hostName, instanceName } from './host-names.ts'
import { redactConsole } from './redact-console.ts'
import { releaseTime, releaseTimeFromNow } from './release-time.ts'

describe('release time', () => {
  test.each([
    ['2027-01-15T08:00:00.000Z', '2027-01-15T08:00:00Z'],
    ['2027-01-15T08:00:00.001Z', '2027-01-15T08:01:00Z'],
    ['2027-12-31T23:59:59.999Z', '2028-01-01T00:00:00Z'],
  ])('%s is rounded up to %s', (at, expected) => {
    expect(releaseTime(Date.parse(at))).toBe(expected)
  })

  test('is never nearer than the 30 minutes the cloud asks for', () => {
    const now = Date.parse('2027-01-15T08:00:30Z')
    expect(releaseTimeFromNow(now, 60_000)).toBe('2027-01-15T08:32:00Z')
    expect(releaseTimeFromNow(now, 3_600_000)).toBe('2027-01-15T09:01:00Z')
  })
})

describe('names', () => {
  const key = (host: string, attempt = 1) => ({ host, generation: 'a', attempt })

  test('of an instance tell host and attempt', () => {
    expect(instanceName(key('render/00007', 2))).toBe('render-00007-2')
  })

  test.each([
    'render',
    'render-farm',
    'a',
    'frames-of-the-big-winter-film-nights',
    'nine-char-x',
    'a-b-c-d-e-f-g-h',
  ])('of a system in fleet %s fit Windows: at most 15 characters, letters, digits and dashes', (fleet) => {
    const name = hostName(key(`${fleet}/00007`), 'windows')
    expect(name).toMatch(/^[a-z][a-z0-9-]{0,13}[a-z0-9]$/)
    expect(name).toMatch(/-00007$/)
  })

  test('of two fleets with the same beginning differ on Windows', () => {
    const names = ['render-night-a', 'render-night-b'].map((fleet) =>
      hostName(key(`${fleet}/00001`), 'windows'),
    )
    expect(new Set(names).size).toBe(2)
  })

  test('are whole on Linux', () => {
    const fleet = 'f'.repeat(40)
    expect(hostName(key(`${fleet}/00001`), 'linux')).toBe(`${fleet}-00001`)
  })
})

describe('console text', () => {
  const line =
    '# muster-enrollment: eyJhcGlVcmwiOiJodHRwczovL3giLCJ0b2tlbiI6InYxLmsxLmFhYWFhYWFhYWEuYmJiYmJiYmJiYiJ9'
  const script = `#!/bin/sh\n${line}\nexit 0\n`
  test.each([
    ['the marked line', `cloud-init: ${script} done`],
    ['the bare token', 'token v1.k1.aaaaaaaaaa.bbbbbbbbbb in the log'],
    ['the payload alone', line.slice('# muster-enrollment: '.length)],
    ['the whole user data in base64', Buffer.from(script).toString('base64')],
  ])('loses %s', (_name, text) => {
    const redacted = redactConsole(text)
    expect(redacted).toContain('[cut]')
    expect(redacted).not.toMatch(/eyJhcGlVcmwi|aaaaaaaaaa|I211c3Rlci1lbnJvbGxtZW50|IyEvYmluL3No/)
  })

  test('keeps everything else, host keys included', () => {
    const key =
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx5Y2hlZXMgYXJlIHRhc3R5IGZydWl0cyBvZiBzdW1tZXI root@render-00007'
    const text = `[    0.000000] Linux version 6.1.0\n${key}\nlogin:`
    expect(redactConsole(text)).toBe(text)
  })
})

test('public endpoints are those of the SDK', () => {
  const regions = [
    'cn-hangzhou',
    'cn-shanghai',
    'cn-beijing',
    'ap-southeast-1',
    'eu-central-1',
    'us-west-1',
    'cn-hangzhou-finance',
    'cn-shanghai-finance-1',
    'cn-shenzhen-finance-1',
    'cn-north-2-gov-1',
    'cn-beijing-gov-1',
    'cn-wulanchabu',
  ]
  const Client = defaultExport(Ecs)
  for (const regionId of regions) {
    const sdk = new Client(new $OpenApiUtil.Config({ regionId, accessKeyId: 'a', accessKeySecret: 'b' }))
    expect(publicEndpoint(regionId)).toBe(sdk._endpoint)
  }
})
