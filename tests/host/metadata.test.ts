import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import type { HostState } from '../../domain/host/types.ts'
import { fleetWorkflowId, hostWorkflowId } from '../../domain/ids.ts'

interface Definition {
  name?: string
  description?: string
}
interface Metadata {
  definition?: {
    signalDefinitions?: Definition[]
    updateDefinitions?: Definition[]
    queryDefinitions?: Definition[]
  }
  currentDetails?: string
}

const DASHBOARD = 'http://127.0.0.1:1/dashboard'

describe('what people see in Temporal', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'dev' })
    world.emulator.addFault({ match: { host: 'seen/00001' }, count: 1, effect: { type: 'muteAgent' } })
    const spec = {
      bootTimeoutMs: 4_000,
      heartbeatTimeoutMs: 120_000,
      backoff: { initialMs: 100, maxMs: 100 },
    }
    await world.startFleet('seen', 2, spec, { dashboardUrl: DASHBOARD })
    await Promise.all([world.until('seen/00001', 'ready', 2), world.until('seen/00002', 'ready', 1)])
  })
  afterAll(() => world?.close())

  const text = (payload: { data?: Uint8Array | null } | null | undefined): string =>
    String(JSON.parse(Buffer.from(payload?.data ?? Buffer.from('""')).toString('utf8')))

  async function metadataOf(workflowId: string): Promise<Metadata> {
    return await world.client.workflow.getHandle(workflowId).query<Metadata>('__temporal_workflow_metadata')
  }

  async function summaries(workflowId: string): Promise<string[]> {
    const { events } = await world.client.workflow.getHandle(workflowId).fetchHistory()
    return (events ?? [])
      .filter(
        ({ activityTaskScheduledEventAttributes: activity, timerStartedEventAttributes: timer }) =>
          activity ?? timer,
      )
      .map(({ userMetadata }) => text(userMetadata?.summary))
  }

  it('are search attributes that find a host by fleet, phase, instance, place and failure', async () => {
    const found = await waitFor('the host in the list', async () => {
      const query = whatIsTold(await world.state('seen/00001')).join(' AND ')
      const ids: string[] = []
      for await (const { workflowId } of world.client.workflow.list({ query })) ids.push(workflowId)
      return ids.length > 0 && ids
    })
    expect(found).toEqual([hostWorkflowId('seen/00001')])
    const { readyAt = 0 } = await world.state('seen/00001')
    const { searchAttributes } = await world.handle('seen/00001').describe()
    expect(searchAttributes['MusterReadyAt']).toEqual([new Date(readyAt)])
  })

  /** Asked again with each look: on a slow machine attempts may fail otherwise than they were made to, and more of them. */
  function whatIsTold({ current, readyAt, lastFailure }: HostState): string[] {
    const { zone, instanceType } = current.placement ?? { zone: '', instanceType: '' }
    expect(lastFailure, 'of the first attempt, or of one after it').toBeDefined()
    return [
      `MusterFleet = 'seen'`,
      `MusterPhase = 'ready'`,
      `MusterInstanceId = '${current.instanceId}'`,
      `MusterZone = '${zone}'`,
      `MusterInstanceType = '${instanceType}'`,
      `MusterPrivateIp = '${current.privateIp}'`,
      `MusterFailure = '${lastFailure}'`,
      `MusterAttempt = ${current.n}`,
      // Not `=`: the dev server compares texts, and leaves out the last zeros of a second's fraction in its own.
      `MusterReadyAt BETWEEN '${secondsFrom(readyAt, -1)}' AND '${secondsFrom(readyAt, 1)}'`,
      `MusterImage STARTS_WITH 'm-'`,
    ]
  }

  const secondsFrom = (instant = 0, seconds: number): string =>
    new Date(instant + seconds * 1_000).toISOString()

  it('are a static summary and details with a link to the dashboard', async () => {
    const { raw } = await world.handle('seen/00001').describe()
    const { summary, details } = raw.executionConfig?.userMetadata ?? {}
    expect(text(summary)).toMatch(/^host seen\/00001: m-/)
    expect(text(details)).toContain(`[dashboard](${DASHBOARD}/hosts/seen/00001)`)
  })

  it('are current details: phase, instance, ended attempts with reasons, link', async () => {
    const { currentDetails } = await metadataOf(hostWorkflowId('seen/00001'))
    const { current, attempts } = await world.state('seen/00001')
    expect(currentDetails).toMatch(/^\*\*ready\*\*/)
    expect(currentDetails).toContain(`${current.instanceId} at ${current.privateIp}`)
    expect(currentDetails).toMatch(
      new RegExp(`- 1\\. ${attempts[0]?.instanceId} .*\\*\\*mute\\*\\*, mute for .* lived 0:0`),
    )
    expect(currentDetails).toContain(`${DASHBOARD}/hosts/seen/00001`)
  })

  it('is a description for every message', async () => {
    for (const [workflowId, messages] of [
      [hostWorkflowId('seen/00001'), 10],
      [fleetWorkflowId('seen'), 4],
    ] as const) {
      const { definition = {} } = await metadataOf(workflowId)
      const { signalDefinitions = [], updateDefinitions = [], queryDefinitions = [] } = definition
      const ours = [...signalDefinitions, ...updateDefinitions, ...queryDefinitions].filter(
        ({ name }) => !name?.startsWith('__'),
      )
      expect(ours.length).toBeGreaterThanOrEqual(messages)
      expect(ours.filter(({ description }) => !description)).toEqual([])
    }
  })

  it('is a summary for each activity and timer, which together tell the story', async () => {
    const story = await summaries(hostWorkflowId('seen/00001'))
    const [first] = (await world.state('seen/00001')).attempts
    expect(story.filter((summary) => summary === '')).toEqual([])
    expect(story.join('\n')).toMatch(
      new RegExp(
        [
          'attempt 1: choose a placement',
          'launch 1.1: ecs.c7.large in cn-hangzhou-h',
          `await running: ${first?.instanceId}`,
          'boot deadline, 0:04 after the launch',
          `evidence of ${first?.instanceId}`,
          `delete ${first?.instanceId}: mute for 0:0\\d.*`,
          'back-off .* after mute',
          'attempt 2: choose a placement',
        ].join('[\\s\\S]*'),
      ),
    )
    expect((await summaries(fleetWorkflowId('seen'))).filter((summary) => summary === '')).toEqual([])
  })

  it('are search attributes that are written together, and only when the phase changes', async () => {
    const { events } = await world.handle('seen/00002').fetchHistory()
    const written = (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) =>
      upsert ? [upsert] : [],
    )
    const phases = written.map(({ searchAttributes }) =>
      text(searchAttributes?.indexedFields?.['MusterPhase']),
    )
    expect(phases.at(-1)).toBe('ready')
    expect(new Set(phases).size, 'once a phase').toBe(phases.length)
    const names = written.flatMap(({ searchAttributes }) =>
      Object.keys(searchAttributes?.indexedFields ?? {}),
    )
    expect(names.filter((name) => !(name in SEARCH_ATTRIBUTES))).toEqual([])
  })
})
