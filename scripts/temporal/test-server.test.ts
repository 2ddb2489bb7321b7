import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { findTestServer } from '../setup/temporal.mjs'
import { isAlive, scratchFolder } from '../testing.ts'
import { connectOnce } from './connect.ts'
import { startTimeSkippingServer } from './test-server.ts'

const binary = await findTestServer()

test('time-skipping servers started together each answer on their own port, and are gone after stop', async () => {
  const servers = await Promise.all([1, 2].map(() => startTimeSkippingServer({ binary })))
  onTestFinished(() => Promise.all(servers.map((server) => server.stop())).then(() => undefined))
  expect(new Set(servers.map(({ address }) => address)).size).toBe(2)
  for (const server of servers) {
    const connection = await connectOnce(server.address, 5_000)
    await connection.close()
    await server.stop()
    expect(isAlive(server.pid)).toBe(false)
  }
})

test('a program that ends at once is an error that says how', async () => {
  await expect(startTimeSkippingServer({ binary: '/bin/false' })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('exit code 1') as string,
  })
  await expect(startTimeSkippingServer({ binary: join(scratchFolder(), 'nowhere') })).rejects.toMatchObject({
    code: 'unavailable',
  })
})
