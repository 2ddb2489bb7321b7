import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { portNear, portOf, startAtWished } from './ports.ts'

async function listen(port: number): Promise<{ part: Server; port: number }> {
  const part = createServer()
  part.listen(port, '127.0.0.1')
  await once(part, 'listening')
  onTestFinished(() => void part.close())
  return { part, port: (part.address() as AddressInfo).port }
}

test('a taken port is replaced by a free one, and that is said', async () => {
  const { port: taken } = await listen(0)
  expect(await portNear(taken)).not.toBe(taken)
  const notices: string[] = []
  const wished = { what: 'the API', port: taken, notice: (text: string) => void notices.push(text) }
  const server = await startAtWished(wished, listen)
  const { port } = server.address() as AddressInfo
  expect(notices).toEqual([`port ${taken} is taken by another program: the API is at port ${port}`])
})

test('a port that is taken in the very moment of the start is replaced, too', async () => {
  const { part, port: contested } = await listen(0)
  part.close()
  await once(part, 'close')
  const notices: string[] = []
  const wished = { what: 'the API', port: contested, notice: (text: string) => void notices.push(text) }
  let tries = 0
  const server = await startAtWished(wished, async (port) => {
    tries += 1
    if (tries === 1) await listen(contested)
    return await listen(port)
  })
  expect((server.address() as AddressInfo).port).not.toBe(contested)
  expect(notices).toHaveLength(1)
})

test('what fails for another reason is not tried again elsewhere', async () => {
  const { part, port } = await listen(0)
  part.close()
  await once(part, 'close')
  let tries = 0
  const start = async () => {
    tries += 1
    throw new Error('no disk')
  }
  await expect(startAtWished({ what: 'x', port, notice: () => {} }, start)).rejects.toThrow('no disk')
  expect(tries).toBe(1)
})

test.each([
  ['http://127.0.0.1:8100', 8100],
  ['127.0.0.1:7233', 7233],
  ['http://[::1]:8100/', 8100],
])('the port of %s is %i', (address, port) => {
  expect(portOf(address)).toBe(port)
})
