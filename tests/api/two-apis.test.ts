import { hostname } from 'node:os'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createCleanup } from '../../cli/stack/cleanup.ts'
import { startApiPart } from '../../cli/stack/parts.ts'
import { startTemporal } from '../../cli/stack/temporal.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { parseConfig } from '../../domain/config/index.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { openStore } from '../../store/index.ts'

const CONFIG = parseConfig('fleets: {}\n', 'farm.yaml')
const KEYS = { all: { k1: 'x'.repeat(32) }, current: 'k1' }

test('APIs with the same process number, as replicas in containers have it, pulse each for itself', async () => {
  const log = pino({ level: 'error' }, pino.destination(2))
  const cleanup = createCleanup((name, error) =>
    log.error({ err: error, name }, 'a part did not end in order'),
  )
  onTestFinished(() => cleanup.run())
  const store = await openStore({ file: ':memory:' })
  cleanup.add('store', () => store.close())
  const cli = await findTemporalCli()
  const temporal = await startTemporal({ cli, namespace: 'default', log: () => undefined }, cleanup)
  // Nothing of the network: each takes a port that is free.
  const config = { ...CONFIG, api: { ...CONFIG.api, listen: '127.0.0.1:0' } }
  const start = () => startApiPart({ config, temporal, store, keys: KEYS, log }, cleanup)
  await Promise.all([start(), start()])
  const pulses = await waitFor('both to pulse', async () => {
    const alive = await store.pulses.alive(Date.now(), 60_000)
    return alive.length === 2 && alive
  })
  for (const { id } of pulses) expect(id).toContain(`api-${hostname()}-${process.pid}-`)
})
