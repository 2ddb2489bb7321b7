import { openStore, type StoreOptions } from '../index.ts'
import { sampleEvent, sampleRecord } from './samples.ts'

/**
 * A process that opens a store and writes as fast as it can: `node writer.ts '<store options>' <fleet> <records>`.
 * Prints how many writes failed, as JSON.
 */
const [options = '{}', fleet = '', records = '0'] = process.argv.slice(2)
const store = await openStore(JSON.parse(options) as StoreOptions)
const failures: string[] = []
for (let slot = 1; slot <= Number(records); slot++) {
  try {
    await store.hosts.record(sampleRecord({ fleet, slot, events: [sampleEvent(1), sampleEvent(2)] }), slot)
    // The same row for all: a writer that has read must not find it changed.
    await store.commands.add(
      { host: 'shared/00001', generation: 'aaaaaaaaaa', attempt: 1 },
      'drain',
      undefined,
      1,
    )
  } catch (error) {
    failures.push(String(error))
  }
}
await store.close()
process.stdout.write(JSON.stringify(failures))
