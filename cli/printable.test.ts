import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { apiClient } from './client/api.ts'
import { printable } from './printable.ts'

test('console text keeps its lines and loses what would command a terminal', () => {
  expect(printable('boot\r\n\tready \u001b]0;owned\u0007\u009b2J ü\n')).toBe(
    'boot\n\tready \ufffd]0;owned\ufffd\ufffd2J ü\n',
  )
})

test('no line is turned round', () => {
  expect(printable('ready \u202e yb deppots')).toBe('ready \ufffd yb deppots')
})

/** An API that answers every request with this. */
async function answering(status: number, body: object): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('nothing that an API answers commands the terminal, errors neither', async () => {
  const hold = { id: 1, failed: null, notes: [{ by: 'eve', why: '\u001b[2Jgone' }] }
  const api = await answering(200, hold)
  expect(await apiClient({ api, token: 't' }).get('/v1/holds')).toEqual({
    ...hold,
    notes: [{ by: 'eve', why: '\ufffd[2Jgone' }],
  })
  const refusing = await answering(409, {
    error: { code: 'conflict', message: 'closed by \u001b]0;x\u0007' },
  })
  await expect(apiClient({ api: refusing, token: 't' }).get('/v1/holds')).rejects.toMatchObject({
    code: 'conflict',
    message: 'closed by \ufffd]0;x\ufffd',
  })
})
