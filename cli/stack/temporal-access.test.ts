import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { MusterError } from '../../domain/errors.ts'
import { createAuthority } from '../../tests/support/certificates.ts'
import { setupWords } from './setup-words.ts'
import { endpointOf, type TemporalAccess } from './temporal-access.ts'

const ADDRESS = 'temporal.internal:7233'

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-access-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function refusalOf(access: Omit<TemporalAccess, 'address'>): Promise<MusterError> {
  const error = await endpointOf({ address: ADDRESS, ...access }).catch((thrown: unknown) => thrown)
  if (error instanceof MusterError) return error
  throw new Error('nothing was found wrong', { cause: error })
}

test('without a word about TLS and keys the endpoint is an address', async () => {
  expect(await endpointOf({ address: ADDRESS })).toEqual({ address: ADDRESS })
})

test('files that are not what they should be are named, and their content is not', async () => {
  const folder = createFolder()
  const { cert, key } = createAuthority(folder, 'ours').sign('client', 'DNS:client.test')
  const stranger = createAuthority(folder, 'others').sign('client', 'DNS:client.test')
  const planted = join(folder, 'planted.pem')
  writeFileSync(planted, 'planted-secret')
  const cases: [tls: TemporalAccess['tls'] & object, words: string][] = [
    [
      { caFile: `${folder}/no.pem` },
      `cannot use ${folder}/no.pem as the CA for Temporal: there is no such file`,
    ],
    [{ caFile: folder }, `cannot use ${folder} as the CA for Temporal: it is a folder`],
    [{ caFile: planted }, `cannot use ${planted} as the CA for Temporal: it holds no certificate in PEM`],
    [
      { certFile: key, keyFile: key },
      `cannot use ${key} as the client certificate for Temporal: it holds no certificate in PEM`,
    ],
    [
      { certFile: cert, keyFile: planted },
      `cannot use ${planted} as the client key for Temporal: it holds no private key in PEM, or one that needs a passphrase`,
    ],
    [
      { certFile: cert, keyFile: stranger.key },
      `the client key for Temporal in ${stranger.key} is not that of the certificate in ${cert}: name the two that belong together`,
    ],
  ]
  for (const [tls, message] of cases) {
    const error = await refusalOf({ tls })
    expect(error).toMatchObject({ code: 'bad_config', message })
    expect(JSON.stringify(error)).not.toContain('planted-secret')
  }
})

test('an API key is that of its variable; one that is none is refused and not repeated', async () => {
  vi.stubEnv('TEST_KEY', 'planted-key')
  expect(await endpointOf({ address: ADDRESS, tls: {}, apiKeyEnv: 'TEST_KEY' })).toMatchObject({
    tls: {},
    apiKey: 'planted-key',
  })
  for (const [value, words] of [
    ['', 'wanted from TEST_KEY, but that variable is not set'],
    ['planted-key\n', 'TEST_KEY holds what no API key of Temporal can be'],
  ] as const) {
    vi.stubEnv('TEST_KEY', value)
    const error = await refusalOf({ tls: {}, apiKeyEnv: 'TEST_KEY' })
    expect(error).toMatchObject({ code: 'bad_config', message: expect.stringContaining(words) })
    expect(error.message).not.toContain('planted-key')
  }
})

test('the command that prepares a server says how it is reached, as a shell reads it', () => {
  const start = `muster temporal setup --address ${ADDRESS} --namespace farm`
  expect(setupWords({ address: ADDRESS }, 'farm')).toBe(start)
  expect(setupWords({ address: ADDRESS, tls: {} }, 'farm')).toBe(`${start} --tls`)
  const tls = { serverName: 't.example', caFile: "/a b/it's.pem", certFile: '/c.pem', keyFile: '/k.pem' }
  expect(setupWords({ address: ADDRESS, tls, apiKeyEnv: 'KEY' }, 'farm')).toBe(
    String.raw`${start} --tls-ca '/a b/it'\''s.pem' --tls-cert /c.pem --tls-key /k.pem --tls-server-name t.example --api-key-env KEY`,
  )
})
