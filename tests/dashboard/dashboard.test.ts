import { createHash } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { carryOut, planOf } from '../../cli/apply/schedules.ts'
import { DEFAULT_BREAKER_RULES } from '../../domain/breaker/rules.ts'
import { SCHEDULE_DEFAULTS, type ScheduleSpec } from '../../domain/schedules/types.ts'
import { CONTROLLER, OPERATOR_TOKEN } from '../support/names.ts'
import { launchChromium } from '../../scripts/launch-chromium.ts'
import { createWorld, type World } from '../support/world.ts'

const VIEWER_TOKEN = 'a-viewer-may-look-and-change-nothing'
const QUICK = {
  heartbeatSeconds: 1,
  heartbeatTimeoutMs: 60_000,
  drainTimeoutMs: 5_000,
  bootTimeoutMs: 60_000,
}
const FLEET = 'show'
/** An instance of this host never has an agent: it waits for its deadline. */
const MUTE = `${FLEET}/00003`

/** Seldom enough never to fire on its own meanwhile. */
const SCHEDULE: ScheduleSpec = {
  name: 'evening',
  expression: '0 30 18 31 12 *',
  timezone: 'Asia/Shanghai',
  dialect: SCHEDULE_DEFAULTS.dialect,
  do: { scale: { fleet: FLEET, size: 4 } },
  overlap: SCHEDULE_DEFAULTS.overlap,
  catchUpMs: SCHEDULE_DEFAULTS.catchUpMs,
  jitterMs: SCHEDULE_DEFAULTS.jitterMs,
}

const executablePath = process.env['MUSTER_CHROMIUM']

describe.skipIf(executablePath === undefined)('the dashboard in a browser', () => {
  let world: World
  let browser: Browser
  /** What the pages have complained about: nothing may. */
  const complaints: string[] = []

  beforeAll(async () => {
    world = await createWorld({ server: 'dev' })
    world.emulator.addFault({ match: { host: MUTE }, effect: { type: 'noAgent' } })
    const hash = createHash('sha256').update(VIEWER_TOKEN).digest('hex')
    await world.store.tokens.add({ hash, name: 'vera', role: 'viewer', createdAt: Date.now() })
    await world.startFleet(FLEET, 3, QUICK)
    await Promise.all([
      world.until(`${FLEET}/00001`, 'ready'),
      world.until(`${FLEET}/00002`, 'ready'),
      world.until(MUTE, 'booting'),
    ])
    await makeSchedule()
    await openHold()
    browser = await launchChromium(executablePath)
  })
  afterAll(async () => {
    await browser?.close()
    await world?.close()
  })

  async function makeSchedule(): Promise<void> {
    const { client, store, temporal } = world
    const scope = {
      controller: CONTROLLER,
      namespaceId: temporal.namespaceId,
      region: 'cn-hangzhou',
    }
    const asker = { by: 'ann', why: 'as the config says' }
    await carryOut({ client, store, scope, asker }, await planOf(client, [SCHEDULE], scope))
  }

  /** Of a place that no host here has. */
  async function openHold(): Promise<void> {
    const place = { imageId: 'm-bad', zone: 'cn-hangzhou-b', instanceType: 'ecs.g7.large', fleet: 'other' }
    const boot = { generation: 'g', region: 'cn-hangzhou', outcome: 'failed' as const, why: 'mute for 20:00' }
    const launchedAt = Date.now()
    for (let slot = 1; slot <= DEFAULT_BREAKER_RULES.failures; slot += 1) {
      const outcome = { ...place, ...boot, launchedAt, host: `other/0000${slot}`, attempt: 1 }
      await world.store.holds.noteOutcome(outcome, DEFAULT_BREAKER_RULES, Date.now())
    }
  }

  /** A page of a fresh session. */
  async function visit(path: string, token?: string, size = { width: 1280, height: 800 }): Promise<Page> {
    const context = await browser.newContext({ viewport: size, baseURL: world.api.url })
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
    page.on('console', (line) => {
      const expected = line.text().includes('status of 401')
      if (line.type() === 'error' && !expected) complaints.push(`${page.url()}: ${line.text()}`)
    })
    if (token !== undefined) await page.goto(`/?token=${token}`)
    await page.goto(path)
    return page
  }

  it('asks for a token, says when it is wrong, and leads on to where one wanted to go', async () => {
    const page = await visit(`/fleets/${FLEET}`)
    await page.getByLabel('Token').fill('a token that nobody has given out')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('this token is not known here').waitFor()
    await page.goto(`/fleets/${FLEET}`)
    await page.getByLabel('Token').fill(OPERATOR_TOKEN)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: FLEET, exact: true }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/fleets/${FLEET}`)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await page.goto(`/fleets/${FLEET}`)
    expect(await page.getByRole('heading', { name: 'Log in' }).count()).toBe(1)
  })

  it('a link with a token leaves no token in the address bar', async () => {
    const page = await visit('/', OPERATOR_TOKEN)
    expect(page.url()).not.toContain(OPERATOR_TOKEN)
    await page.getByRole('link', { name: FLEET, exact: true }).click()
    await page.getByText('2 / 3').waitFor()
  })

  it('shows every host of a fleet, and a filter keeps to a phase', async () => {
    const page = await visit(`/fleets/${FLEET}`, OPERATOR_TOKEN)
    const rows = page.locator('#hosts tbody tr')
    expect(await rows.locator('th').allTextContents()).toEqual(
      [1, 2, 3].map((slot) => `${FLEET}/0000${slot}`),
    )
    await page.getByLabel('Phase').selectOption('booting')
    await page.getByRole('button', { name: 'Filter' }).click()
    expect(await rows.locator('th').allTextContents()).toEqual([MUTE])
  })

  it('a resize asks why, and the page follows the fleet by itself', async () => {
    const page = await visit(`/fleets/${FLEET}`, OPERATOR_TOKEN)
    await page.getByRole('heading', { name: 'Change' }).click()
    const form = page.locator(`form[action="/fleets/${FLEET}/resize"]`)
    await form.getByLabel('Size').fill('4')
    await form.getByRole('button', { name: 'Resize' }).click()
    expect(new URL(page.url()).search, 'no reason, no resize').toBe('')
    await form.getByLabel('Why').fill('the evening')
    await form.getByRole('button', { name: 'Resize' }).click()
    await page.getByText('Request accepted: the new size').waitFor()
    // No reload from here on: the live part of the page is renewed under the reader.
    await page.locator('body').evaluate((body) => body.setAttribute('data-same-page', 'yes'))
    await page.locator('#summary').getByText('3 / 4').waitFor()
    expect(await page.locator('body[data-same-page]').count()).toBe(1)
    expect(await world.store.audit.list({ target: `fleet ${FLEET}` })).toEqual(
      expect.arrayContaining([expect.objectContaining({ what: 'resize size=4', why: 'the evening' })]),
    )
  })

  it('a host tells its story, and is replaced after one more question', async () => {
    const page = await visit(`/hosts/${FLEET}/00001`, OPERATOR_TOKEN)
    const { current } = await world.state(`${FLEET}/00001`)
    await page
      .locator('#facts')
      .getByText(current.instanceId ?? '')
      .waitFor()
    await page.locator('#story').getByText('started after').waitFor()
    await page.getByRole('link', { name: 'Replace' }).click()
    await page.getByText('The instance is deleted and a new one is made for this host.').waitFor()
    await page.getByLabel('Why').fill('a look at attempt 2')
    await page.getByRole('button', { name: 'Replace' }).click()
    await page.getByText('the host will be replaced').waitFor()
    await page.locator('#story').getByRole('heading', { name: 'Attempt 2' }).waitFor()
    await page.locator('#state').getByText('ready').waitFor()
    expect((await world.state(`${FLEET}/00001`)).attempts.map(({ outcome }) => outcome)).toEqual(['replaced'])
  })

  it('a fleet says why it is as it is, and is rolled by a form', async () => {
    const page = await visit(`/fleets/${FLEET}`, OPERATOR_TOKEN)
    await page.getByRole('heading', { name: 'Why it is so' }).waitFor()
    expect(await page.locator('main').textContent()).toContain(MUTE)
    await page.getByRole('heading', { name: 'Change' }).click()
    const form = page.locator(`form[action="/fleets/${FLEET}/roll"]`)
    await form.getByLabel('Why').fill('kernel of the month')
    await form.getByRole('button').click()
    await page.locator('.done').waitFor()
    expect(await world.store.audit.list({ target: `fleet ${FLEET}` })).toEqual(
      expect.arrayContaining([expect.objectContaining({ who: 'dev', why: 'kernel of the month' })]),
    )
  })

  it('schedules are listed in words with their next times, paused and resumed', async () => {
    const page = await visit('/schedules', OPERATOR_TOKEN)
    const row = page.locator('#schedules tbody tr', { hasText: SCHEDULE.name })
    expect(await row.textContent()).toContain(SCHEDULE.expression)
    expect(await row.textContent()).toContain('Asia/Shanghai')
    const form = page.locator(`form[action="/schedules/${SCHEDULE.name}/pause"]`)
    await form.getByLabel('Why').fill('holidays')
    await form.getByRole('button', { name: 'Pause' }).click()
    await row.getByText('holidays').waitFor()
    const back = page.locator(`form[action="/schedules/${SCHEDULE.name}/resume"]`)
    await back.getByLabel('Why').fill('over')
    await back.getByRole('button', { name: 'Resume' }).click()
    await page.locator(`form[action="/schedules/${SCHEDULE.name}/pause"]`).waitFor()
  })

  it('an open hold stands on the first page and is released after its reason was read', async () => {
    const page = await visit('/', OPERATOR_TOKEN)
    await page.locator('#holds').getByText('m-bad on ecs.g7.large in cn-hangzhou-b').waitFor()
    await page.getByRole('link', { name: 'Release' }).click()
    await page.getByText('5 boots in a row failed').waitFor()
    await page.getByLabel('Why').fill('image repaired')
    await page.getByRole('button', { name: 'Release' }).click()
    await page.getByRole('heading', { name: 'Fleets' }).waitFor()
    expect(await world.store.holds.list({}, Date.now())).toEqual([])
  })

  it('a mute host says until when it is waited for', async () => {
    const page = await visit(`/hosts/${MUTE}`, OPERATOR_TOKEN)
    expect(await page.locator('#state').textContent()).toMatch(/Boot deadline in \d/)
  })

  it('what hosts say of themselves is text, never a part of the page', async () => {
    const row = await world.store.hosts.get(`${FLEET}/00002`)
    if (!row?.facts) throw new Error('no facts yet')
    const { host, generation, attempt, facts } = row
    const hostname = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>'
    await world.store.hosts.setFacts(
      [{ key: { host, generation, attempt }, facts: { ...facts, os: { ...facts.os, hostname } } }],
      Date.now(),
    )
    const page = await visit(`/hosts/${FLEET}/00002`, OPERATOR_TOKEN)
    await page.locator('#facts').getByText(hostname).waitFor()
    expect(await page.title()).toContain(`${FLEET}/00002`)
    expect(await page.locator('#facts img').count()).toBe(0)
  })

  it('a viewer sees everything and no way to change it', async () => {
    const page = await visit(`/fleets/${FLEET}`, VIEWER_TOKEN)
    await page.getByText('vera (viewer)').waitFor()
    expect(await page.locator('main form[method=post]').count()).toBe(0)
    await page.goto(`/hosts/${FLEET}/00002`)
    expect(await page.getByRole('link', { name: 'Replace' }).count()).toBe(0)
  })

  it.each(['/', '/schedules', `/fleets/${FLEET}`, `/hosts/${FLEET}/00002`, `/hosts/${MUTE}/replace`])(
    '%s fits a phone without scrolling sideways',
    async (path) => {
      const page = await visit(path, OPERATOR_TOKEN, { width: 375, height: 700 })
      const width = await page.locator('html').evaluate((whole) => whole.scrollWidth)
      expect(width).toBeLessThanOrEqual(375)
    },
  )

  it('no page has complained in the console, nor broken its own content policy', () => {
    expect(complaints).toEqual([])
  })
})
