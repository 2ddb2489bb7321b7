import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askMuster, createPlace } from '../cli/muster.ts'
import { beatingAgents } from '../support/hand-agent.ts'
import { OPERATOR_TOKEN } from '../support/names.ts'
import { skipWorkflow } from '../support/time.ts'
import { createWorld, type World } from '../support/world.ts'
import { talkTo } from './talk.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { fleetWorkflowId } from '../../domain/ids.ts'

const HOUR_MS = 3_600_000
const HOSTS = [1, 2, 3, 4, 5].map((slot) => `away/0000${slot}`)
const [HEARD = '', ...SILENT] = HOSTS
/** A host that was spared is judged again a minute later. */
const JUDGED_AGAIN_MS = 61_000
/** A frozen fleet looks twice a minute. */
const LOOKED_MS = 31_000

describe('a fleet that is frozen by mass silence', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'dev', fleetLookEveryMs: 500 })
  })
  afterAll(() => world?.close())

  const { fleetOf, stateOf } = talkTo(() => world)
  const attempts = () =>
    world
      .instances()
      .map(({ host, attempt }) => `${host} ${attempt}`)
      .toSorted()

  /** Each silent host has been judged, and waits for the next time. */
  const spared = (before: number[] = []) =>
    Promise.all(
      SILENT.map(async (host, i) => {
        const isSpared = ({ step, stepNo }: { step: string; stepNo: number }) =>
          step === 'judgePause' && stepNo > (before[i] ?? 0)
        const { judgement, stepNo } = await world.when(host, 'to be spared', isSpared)
        expect(judgement).toMatch(
          /^4 of 5 ready hosts of the fleet are silent at once, more than 3: .*frozen/,
        )
        return stepNo
      }),
    )

  const skipSilent = () => Promise.all(SILENT.map((host) => world.skipHost(host, JUDGED_AGAIN_MS)))

  it('keeps its silent hosts until a person overrides the freeze, and replaces them then', async () => {
    world.emulator.addFault({ match: { host: 'away/*' }, effect: { type: 'noAgent' }, count: HOSTS.length })
    await world.startFleet('away', HOSTS.length, { heartbeatTimeoutMs: 2_000, silentGraceMs: 3_000 })
    const agents = await beatingAgents(world, HOSTS)
    await Promise.all(HOSTS.map((host) => world.until(host, 'ready')))
    // One is heard all the time: it is not our own API that is away.
    for (const agent of agents.slice(1)) agent.stopBeating()
    await waitFor('the fleet to be frozen', async () => (await stateOf('away')).frozen?.silent === 4)
    const once = await spared()
    await skipSilent()
    await spared(once)
    expect(attempts(), 'hosts stay').toEqual(HOSTS.map((host) => `${host} 1`))

    // Silence is judged by the wall clock, and a fleet's own time may be ahead of it.
    const events = async () => (await fleetOf('away').describe()).historyLength
    const soFar = await events()
    await skipWorkflow(world.client, fleetWorkflowId('away'), LOOKED_MS)
    await waitFor('the fleet to look again', async () => (await events()) > soFar)
    const said = ['--why', 'the rack burns', '--api', world.api.url, '--token', OPERATOR_TOKEN]
    await askMuster(await createPlace(), ['fleets', 'override-freeze', 'away', '--for', '1h', ...said])
    const override = await waitFor('the projection to know', async () => {
      return (await world.store.fleets.get('away'))?.status?.override
    })
    expect(override.why).toBe('the rack burns')
    expect(Math.abs(override.until - Date.now() - HOUR_MS), 'by the wall clock').toBeLessThan(LOOKED_MS / 2)

    await skipSilent()
    await Promise.all(SILENT.map((host) => world.until(host, 'ready', 2)))
    expect(attempts(), 'who is heard is not touched').toEqual([
      `${HEARD} 1`,
      ...SILENT.map((host) => `${host} 2`),
    ])
    for (const host of SILENT) {
      expect((await world.journal(host)).join('\n')).toContain('a person has overridden the freeze')
      expect(world.live.most(host)).toBe(1)
    }
    agents[0]?.stopBeating()
  })
})
