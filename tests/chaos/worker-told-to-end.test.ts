import { expect, it, onTestFinished } from 'vitest'
import { startHost, until, untilPending } from '../support/fleet-of-hosts.ts'
import { createProcesses } from '../support/processes.ts'

/** Well below the five seconds after which a process that was told to end is killed. */
const ANSWER_MS = 2_000

it(
  'a worker that is told to end finishes its launch first: the answer is in the history when it is gone',
  { timeout: 120_000 },
  async () => {
    const world = await createProcesses()
    onTestFinished(() => world.close())
    world.cloud.emulator.addFault({
      action: 'RunInstances',
      count: 1,
      effect: { type: 'delay', ms: ANSWER_MS },
    })
    const worker = world.worker()
    await worker.start()
    const host = await startHost(world, 1)
    await untilPending(world, host, 'launchInstance', true)
    await worker.stop()

    const events = (await world.handle(host).fetchHistory()).events ?? []
    const scheduled = events.find(
      ({ activityTaskScheduledEventAttributes: of }) => of?.activityType?.name === 'launchInstance',
    )
    const answers = events.filter(
      ({ activityTaskCompletedEventAttributes: of }) =>
        of?.scheduledEventId?.toString() === scheduled?.eventId?.toString(),
    )
    expect(answers).toHaveLength(1)

    await world.worker().start()
    await until(world, host, 'ready', 1)
    const launches = world.cloud.emulator.recorder.calls().filter(({ action }) => action === 'RunInstances')
    expect(launches.map(({ outcome }) => outcome)).toEqual(['OK'])
  },
)
