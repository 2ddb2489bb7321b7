import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ScheduleView } from '../../cli/client/answers.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { askMuster, createPlace, runMuster, startMuster } from './muster.ts'

interface Page {
  id: string
  components: { id: string; name: string; status: string }[]
}

const fleet = {
  size: 0,
  hosts: {
    image: 'm-bp1linux0000000000000',
    placements: [{ zone: 'cn-hangzhou-g', vSwitch: 'vsw-bp1default0000000000g', type: 'ecs.g7.large' }],
    securityGroups: ['sg-bp1default00000000000'],
  },
}

test('a stack beside an emulated cloud reports to its emulator, with no account and no key', async () => {
  const place = await createPlace()
  const config = join(place.folder, 'farm.yaml')
  const write = (statuspage: object): void =>
    writeFileSync(config, JSON.stringify({ fleets: { render: fleet }, statuspage }))
  const page = { pageId: 'farmpage', apiKeyEnv: 'FARM_PAGE_KEY', components: { render: 'renderpart' } }
  write(page)
  const stack = startMuster(place, ['dev', '--json', '--state', 'state', '--config', config])
  const { links } = await stack.ready<{ links: { emulator: string } }>()

  const state = (await (await fetch(`${links.emulator}state`)).json()) as { statuspage: { pages: Page[] } }
  expect(state.statuspage.pages.find(({ id }) => id === 'farmpage')?.components).toMatchObject([
    { id: 'renderpart', name: 'Fleet render', status: 'operational' },
  ])
  await askMuster(place, ['schedules', 'trigger', 'report-status', '--why', 'a test'])
  const run = await waitFor('a report', async () => {
    const { runs } = await askMuster<ScheduleView>(place, ['schedules', 'show', 'report-status'])
    return runs.find(({ outcome }) => outcome !== 'running')
  })
  expect(run).toMatchObject({ outcome: 'ok', text: 'Statuspage agrees: no incident open' })

  write({ ...page, components: { render: 'nowhere' } })
  const refused = await runMuster(place, ['apply', '--config', config])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(
    /nothing was changed, because the status page would refuse reports:\n {2}statuspage\.components\.render \(status page farmpage\): page farmpage has no component nowhere/,
  )
  const wrong = await runMuster(place, ['apply', '--config', config], {
    env: { FARM_PAGE_KEY: 'planted-key' },
  })
  expect(wrong.stderr).toContain('Statuspage refuses the API key in FARM_PAGE_KEY')
  expect(wrong.stderr).not.toContain('planted-key')
  write(page)
  expect((await runMuster(place, ['apply', '--config', config])).stdout).toContain(
    'schedule report-status: as it should be',
  )
  expect(await stack.end('SIGINT')).toMatchObject({ code: 0 })
})
