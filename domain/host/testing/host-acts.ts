import { written } from '../record.ts'
import type { HostStep } from '../types.ts'
import { PLACEMENT, speak, type World } from './host-world.ts'

type Acts<Step extends HostStep> = Record<Step, () => void>

/** Carries out the current step; `dice` chooses among what can happen. What was told before travels with it. */
export function perform(world: World, dice: number): void {
  if (!world.state.later) world.state = written(world.state, world.state.seq)
  actsOf(world, dice)[world.state.step]()
}

const actsOf = (world: World, dice: number): Acts<HostStep> => ({
  ...launchActs(world, dice),
  ...bootActs(world, dice),
  ...silentActs(world, dice),
  ...endActs(world, dice),
})

const pickBy =
  (dice: number) =>
  <T>(...choices: T[]): T =>
    choices[dice % choices.length] as T

function launchActs(world: World, dice: number): Acts<'plan' | 'wait' | 'launch' | 'lookup' | 'lookupPause'> {
  const pick = pickBy(dice)
  return {
    plan: () =>
      pick(
        () => world.say({ type: 'planned', placement: PLACEMENT }),
        () => world.say({ type: 'planned', placement: PLACEMENT }),
        () => world.say({ type: 'planned', placement: PLACEMENT }),
        () => world.say({ type: 'held', waitMs: 1000, reason: 'no stock' }),
      )(),
    wait: () => world.say({ type: 'waited' }),
    launch: () =>
      pick(
        ...Array.from({ length: 4 }, () => () => world.say({ type: 'launched', instanceId: world.make() })),
        () => world.refuse('capacity'),
        () => world.refuse('account'),
        () => (world.make(), world.say({ type: 'unclear', reason: 'no answer' })),
        () => world.say({ type: 'unclear', reason: 'no answer' }),
      )(),
    lookup: () => {
      const mine = world.live().filter((instance) => instance.attempt === world.state.current.n)
      const late = dice % 3 === 0 && world.state.current.lookups === 0
      world.say({ type: 'found', instanceIds: late ? [] : mine.map((instance) => instance.id) })
    },
    lookupPause: () => world.say({ type: 'waited' }),
  }
}

function bootActs(
  world: World,
  dice: number,
): Acts<'awaitRunning' | 'awaitStarted' | 'becomeReady' | 'watch'> {
  const pick = pickBy(dice)
  return {
    awaitRunning: () =>
      pick(
        () => world.say({ type: 'running', privateIp: '127.16.0.9', mac: '00:16:3e:00:00:01' }),
        () => world.say({ type: 'running', privateIp: '127.16.0.9', mac: '00:16:3e:00:00:01' }),
        () => world.say({ type: 'notRunning', reason: 'slow', again: dice % 8 < 4 }),
        () => (world.lose(), world.say({ type: 'lost', reason: 'vanished' })),
      )(),
    awaitStarted: () =>
      pick(
        () => world.say({ type: 'deadline' }),
        () => speak(world, 'started'),
        () => speak(world, 'started'),
      )(),
    becomeReady: () =>
      pick(
        () => world.say({ type: 'welcomed' }),
        () => world.say({ type: 'welcomed' }),
        () => world.say({ type: 'welcomed' }),
        () => (world.lose(), world.say({ type: 'lost', reason: 'vanished' })),
      )(),
    watch: () => {
      if (dice % 2 === 1) return undefined
      if (world.state.liveness === 'agent') return world.say({ type: 'silent' })
      world.lose()
      return world.say({ type: 'lost', reason: 'vanished' })
    },
  }
}

function silentActs(world: World, dice: number): Acts<'inspect' | 'grace' | 'judge' | 'judgePause'> {
  const pick = pickBy(dice)
  return {
    inspect: () =>
      pick(
        () => world.say({ type: 'inspected', alive: true, reason: '' }),
        () => world.say({ type: 'inspected', alive: true, reason: '' }),
        () => world.say({ type: 'inspected', alive: true, reason: '' }),
        () => (world.lose(), world.say({ type: 'inspected', alive: false, reason: 'gone' })),
      )(),
    grace: () => world.say({ type: 'graceOver' }),
    judge: () => world.say({ type: 'judged', verdict: pick('replace', 'wait'), reason: 'because' }),
    judgePause: () => world.say({ type: 'waited' }),
  }
}

function endActs(
  world: World,
  dice: number,
): Acts<'tellDrain' | 'awaitDrained' | 'evidence' | 'preserve' | 'delete' | 'end'> {
  const pick = pickBy(dice)
  return {
    tellDrain: () => world.say({ type: 'drainTold' }),
    awaitDrained: () =>
      pick(
        () => world.say({ type: 'drainDeadline' }),
        () => speak(world, 'drained'),
        () => (world.lose(), world.say({ type: 'lost', reason: 'vanished' })),
      )(),
    evidence: () => world.say({ type: 'evidenceTaken' }),
    preserve: () => {
      for (const instance of world.live()) instance.preserved = true
      world.say({ type: 'preserved' })
    },
    delete: () => {
      const { n, instanceId } = world.state.current
      // By its id alone, where the host knows one; else by its tags.
      for (const instance of world.live()) {
        if (instanceId === undefined ? instance.attempt === n : instance.id === instanceId)
          instance.live = false
      }
      world.say({ type: 'gone' })
    },
    end: () => {},
  }
}
