import { expect, test } from 'vitest'
import { parseConfig } from './index.ts'
import { problemsOf } from './testing/problems-of.ts'

const settingsOf = (temporal: string) => parseConfig(`temporal: ${temporal}`, 'farm.yaml').temporal

test('a key that stands where the path of its file belongs is not repeated', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIGxV\\n-----END PRIVATE KEY-----'
  const [problem = ''] = problemsOf(`temporal: { tls: { certFile: c.pem, keyFile: "${pem}" } }\n`)
  expect(problem).toMatch(/temporal\.tls\.keyFile: expected the path of a PEM file$/)
})

test('TLS is spoken where it is said, and wherever there is an API key', () => {
  expect(settingsOf('{}')).toEqual({ namespace: 'default' })
  expect(settingsOf('{ tls: false }')).toEqual({ namespace: 'default' })
  expect(settingsOf('{ tls: true }')).toEqual({ namespace: 'default', tls: {} })
  expect(settingsOf('{ apiKeyEnv: KEY }')).toEqual({ namespace: 'default', tls: {}, apiKeyEnv: 'KEY' })
  expect(settingsOf('{ tls: { serverName: t.example, caFile: ca.pem }, apiKeyEnv: KEY }')).toEqual({
    namespace: 'default',
    tls: { serverName: 't.example', caFile: 'ca.pem' },
    apiKeyEnv: 'KEY',
  })
  const both = { certFile: 'c.pem', keyFile: 'k.pem' }
  expect(settingsOf('{ tls: { certFile: c.pem, keyFile: k.pem } }').tls).toEqual(both)
})

const WRONG: [name: string, temporal: string, problem: string][] = [
  [
    'a certificate without its key',
    '{ tls: { certFile: c.pem } }',
    '1 temporal.tls.certFile: expected certFile and keyFile together, found certFile alone',
  ],
  [
    'a key without its certificate',
    '{ tls: { keyFile: k.pem } }',
    '1 temporal.tls.keyFile: expected certFile and keyFile together, found keyFile alone',
  ],
  [
    'an API key in plain text',
    '{ tls: false, apiKeyEnv: KEY }',
    '1 temporal.apiKeyEnv: expected none with tls: false, which would send the API key in plain text',
  ],
  [
    'a word for TLS',
    '{ tls: yes please }',
    '1 temporal.tls: expected true, false or a map of serverName, caFile, certFile and keyFile, found "yes please"',
  ],
  [
    'a field that TLS does not have',
    '{ tls: { ca: ca.pem } }',
    '1 temporal.tls.ca: there is no such field; known are serverName, caFile, certFile, keyFile',
  ],
  [
    'the key itself where the name of its variable belongs',
    '{ apiKeyEnv: eyJhbGciOi.planted }',
    '1 temporal.apiKeyEnv: expected the name of the environment variable that holds the API key of Temporal',
  ],
]

test.each(WRONG)('%s is told', (_name, temporal, expected) => {
  expect(problemsOf(`temporal: ${temporal}`)).toEqual([expected])
})
