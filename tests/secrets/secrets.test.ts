import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf, type HandAgent } from '../support/hand-agent.ts'
import { ENROLLMENT_KEYS } from '../support/names.ts'
import { textsIn } from '../support/texts-in.ts'
import { createWorld, type World } from '../support/world.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import type { FaultInput } from '../../emulator/index.ts'

const PASSWORD = 'Planted-Passw0rd-of-the-image'
const SECURITY_TOKEN = 'planted-sts-token-of-the-worker'

/** What one host leaves behind, as text. */
interface Trace {
  where: string
  text: string
}

describe('secrets', () => {
  let world: World
  let folder: string
  const logLines: string[] = []
  /** Everything that must stand nowhere, by what it is. */
  const secrets = new Map<string, string>([
    ['a password quoted by the cloud', PASSWORD],
    ['a security token quoted by the cloud', SECURITY_TOKEN],
    ['enrollment key k1', ENROLLMENT_KEYS.k1],
    ['enrollment key k2', ENROLLMENT_KEYS.k2],
  ])
  const hosts: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'muster-secrets-'))
    const log = pino({ level: 'trace' }, { write: (line) => void logLines.push(line) })
    world = await createWorld({ server: 'dev', agents: 'none', log, storeFile: join(folder, 'store.db') })
    secrets.set('the access key’s secret', world.emulator.credentials.accessKeySecret)
  })
  afterAll(async () => {
    await world?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const found = (traces: Trace[]): string[] =>
    traces.flatMap(({ where, text }) =>
      [...secrets].filter(([, secret]) => text.includes(secret)).map(([what]) => `${what} in ${where}`),
    )

  /** From here on this agent's token, in every coat, must not be found. */
  function plant(host: string, { instance, enrollment }: HandAgent): void {
    const script = Buffer.from(instance.userData, 'base64').toString('utf8')
    const line = script.split('\n').find((text) => text.includes('enrollment')) ?? ''
    const [, , payload = '', mac = ''] = enrollment.token.split('.')
    secrets.set(`the token of ${host}`, enrollment.token)
    secrets.set(`the claims of ${host}`, payload)
    secrets.set(`the signature of ${host}`, mac)
    secrets.set(`the user data of ${host}`, instance.userData)
    secrets.set(`the enrollment of ${host}`, line.split(' ').at(-1) ?? '')
  }

  const fault = (host: string, effect: FaultInput['effect'], count?: number) =>
    world.emulator.addFault({
      action: 'RunInstances',
      match: { host },
      effect,
      ...(count !== undefined && { count }),
    })

  /** The first try makes the instance and is not answered; what follows may quote all of it. */
  async function start(host: string, next: (agent: HandAgent) => FaultInput['effect']): Promise<HandAgent> {
    hosts.push(host)
    fault(host, { type: 'hang', when: 'after' }, 1)
    await world.startHost(host, { bootTimeoutMs: 12_000, heartbeatTimeoutMs: 60_000 })
    const agent = await agentOf(world, host)
    plant(host, agent)
    fault(host, next(agent), 3)
    return agent
  }

  const quoting = ({ instance, enrollment }: HandAgent): string =>
    `POST https://ecs.example/?Action=RunInstances&UserData=${encodeURIComponent(instance.userData)}` +
    `&Password=${PASSWORD} was refused: UserData ${instance.userData}, Password: ${PASSWORD}, ` +
    `SecurityToken=${SECURITY_TOKEN}, enrolled by ${enrollment.token}`

  it('stand in no history, log, journal, evidence or error when RunInstances goes wrong in every way', async () => {
    const agents = await Promise.all([
      start('refused/00001', (agent) => ({
        type: 'error',
        code: 'Forbidden.RAM',
        httpStatus: 403,
        message: quoting(agent),
      })),
      start('unknown/00001', (agent) => ({
        type: 'error',
        code: 'InvalidParameter',
        httpStatus: 400,
        message: quoting(agent),
      })),
      start('broken/00001', (agent) => ({
        type: 'error',
        code: 'InternalError',
        httpStatus: 500,
        message: quoting(agent),
      })),
      start('hanging/00001', () => ({ type: 'hang', when: 'before' })),
      start('reset/00001', () => ({ type: 'resetAfter' })),
      start('html/00001', (agent) => ({
        type: 'htmlBody',
        status: 502,
        body: `<html>${quoting(agent)}</html>`,
      })),
      start('page/00001', (agent) => ({
        type: 'htmlBody',
        status: 200,
        body: `<html>${quoting(agent)}</html>`,
      })),
    ])
    await Promise.all(hosts.map((host) => world.until(host, 'booting', 1)))
    const pending = await tracesOfPending()
    // Half of them speak, the others stay mute: looked at, and deleted.
    const spoken = agents.slice(0, 3)
    for (const agent of spoken) expect(await agent.started()).toBe(202)
    const mute = hosts.slice(3)
    await Promise.all(
      mute.map((host) => world.when(host, 'to be in attempt 2', ({ current }) => current.n === 2, 40_000)),
    )
    const answers = await Promise.all(agents.map(errorAnswers))
    const states = await Promise.all(hosts.map(async (host) => JSON.stringify(await world.state(host))))
    await Promise.all(
      hosts.map((host) =>
        world.handle(host).executeUpdate(HOST_UPDATES.retire, {
          args: [{ by: 'test', why: 'seen', drain: false }],
        }),
      ),
    )
    await Promise.all(hosts.map((host) => world.handle(host).result()))
    const histories = await Promise.all(hosts.map(historyOf))
    const traces: Trace[] = [
      ...pending,
      ...histories,
      ...states.map((text, i) => ({ where: `the state of ${hosts[i]}`, text })),
      ...answers.flat().map((text) => ({ where: 'an error of the API', text })),
      { where: 'the log', text: logLines.join('') },
      ...readdirSync(folder).map((name) => ({
        where: `the store's file ${name}`,
        text: readFileSync(join(folder, name)).toString('latin1'),
      })),
      ...(await evidence()),
    ]
    expect(found(traces)).toEqual([])
    expect(traces.every(({ text }) => text.length > 0)).toBe(true)
    // Payloads were read as well: what each host was started with, and what Temporal shows of it.
    for (const { text } of histories) expect(text).toMatch(/"host":"[^"]+".*"specHash":/s)
    for (const { text } of pending) expect(text).toContain('"host of fleet ')
    expect(logLines.length).toBeGreaterThan(5)
    expect(logLines.join(''), 'what the SDK says of activities that failed').toContain('"Activity failed"')
  })

  it('are found where they may be: the search is not blind', () => {
    const sent = world.emulator.recorder.calls().map(({ parameters }) => JSON.stringify(parameters))
    expect(found([{ where: 'what the cloud got', text: sent.join('\n') }]).toSorted()).toEqual(
      hosts.map((host) => `the user data of ${host} in what the cloud got`).toSorted(),
    )
  })

  async function tracesOfPending(): Promise<Trace[]> {
    return await Promise.all(
      hosts.map(async (host) => ({
        where: `pending activities of ${host}`,
        text: textsIn((await world.handle(host).describe()).raw),
      })),
    )
  }

  async function historyOf(host: string): Promise<Trace> {
    return { where: `the history of ${host}`, text: textsIn(await world.handle(host).fetchHistory()) }
  }

  async function evidence(): Promise<Trace[]> {
    const traces: Trace[] = []
    for (const host of hosts.slice(3)) {
      const kept = await waitFor(`evidence of ${host}`, async () => {
        const rows = await world.store.evidence.list(host)
        return rows.length > 0 && rows
      })
      for (const { generation, attempt, kind } of kept) {
        const row = await world.store.evidence.get(host, generation, attempt, kind)
        traces.push({ where: `${kind} of ${host}`, text: Buffer.from(row?.content ?? []).toString('latin1') })
      }
    }
    return traces
  }

  /** A forged token, and a good one with a body that makes no sense: neither comes back. */
  async function errorAnswers({ enrollment }: HandAgent): Promise<string[]> {
    const post = async (token: string, body: string) =>
      (
        await fetch(`${world.api.url}/v1/agent/started`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body,
        })
      ).text()
    return await Promise.all([
      post(`${enrollment.token}x`, '{}'),
      post(enrollment.token, JSON.stringify({ token: enrollment.token })),
      post(enrollment.token, `{"bootId": "${enrollment.token}`),
    ])
  }
})
