import { expect, test } from 'vitest'
import { problemsOf } from './testing/problems-of.ts'
import { parseConfig, toScheduleSpecs } from './index.ts'

const FLEET = `fleets:
  render:
    size: 1
    hosts:
      image: m-bp1linux
      placements: [{ zone: cn-hangzhou-g, vSwitch: vsw-bp1g, type: ecs.g7.large }]
      securityGroups: [sg-bp1]
`
const MUST = 'pageId: kctbh9vrtdwd, apiKeyEnv: STATUSPAGE_KEY'
const withPage = (fields: string, more = ''): string => `${FLEET}statuspage: { ${fields} }\n${more}`

test('a status page comes with every default applied', () => {
  expect(parseConfig(withPage(MUST), 'f').statuspage).toEqual({
    pageId: 'kctbh9vrtdwd',
    apiKeyEnv: 'STATUSPAGE_KEY',
    components: {},
    incidents: { holds: true, freezes: true },
    notify: false,
  })
  expect(parseConfig(FLEET, 'f').statuspage).toBeUndefined()
})

test('a status page says all that it may say', () => {
  const text = withPage(
    `${MUST}, endpoint: 'https://status.example.com/v1/', components: { render: c1 }, incidents: { holds: false }, notify: true`,
  )
  expect(parseConfig(text, 'f').statuspage).toMatchObject({
    endpoint: 'https://status.example.com/v1',
    components: { render: 'c1' },
    incidents: { holds: false, freezes: true },
    notify: true,
  })
})

test.each([
  ['pageId: x', /^8 statuspage\.apiKeyEnv: is missing: expected the name of the environment variable/],
  ['apiKeyEnv: X', /^8 statuspage\.pageId: is missing: expected the id of a page/],
  [`${MUST}, components: { rendre: c1 }`, /^8 statuspage\.components\.rendre: .*did you mean render\?/],
  [`${MUST}, components: { render: 'c 1' }`, /^8 statuspage\.components\.render: expected the id of a comp/],
  [`${MUST}, endpoint: 'ftp://x'`, /^8 statuspage\.endpoint: expected the http:\/\/ or https:\/\/ URL/],
  [`${MUST}, incident: {}`, /^8 statuspage\.incident: there is no such field; did you mean incidents\?/],
])('%j is wrong, and told with line and field', (fields, words) => {
  expect(problemsOf(withPage(fields))).toEqual([expect.stringMatching(words)])
})

test('a key that stands where the name of its variable belongs is not repeated', () => {
  const [problem] = problemsOf(withPage('pageId: x, apiKeyEnv: 89a229ce-1a8d'))
  expect(problem).toMatch(/^8 statuspage\.apiKeyEnv: expected the name of the environment variable/)
  expect(problem).not.toContain('89a229ce')
})

test('the key of a real page travels encrypted', () => {
  const real = (endpoint: string) =>
    `controller: farm\ncloud: { kind: alibaba }\napi: { listen: 0.0.0.0:80, publicUrl: https://m.example.com }\n${withPage(`${MUST}, endpoint: '${endpoint}'`)}`
  expect(problemsOf(real('http://status.example.com'))).toEqual([
    expect.stringMatching(/^11 statuspage\.endpoint: expected https/),
  ])
  expect(problemsOf(real('http://127.status.example.com'))).toHaveLength(1)
  expect(problemsOf(real('http://127.0.0.1:8110/v1'))).toEqual([])
  expect(problemsOf(real('https://status.example.com'))).toEqual([])
})

test('a status page brings a report each minute, unless one of the schedules is about reporting', () => {
  const text = withPage(MUST)
  expect(toScheduleSpecs(parseConfig(text, 'f'))).toMatchObject([
    { name: 'report-status', expression: '@every 1m', do: { report: {} } },
    { name: 'sweep-orphans' },
  ])
  const own = withPage(MUST, "schedules:\n  tell: { cron: '@hourly', do: { report: {} } }\n")
  expect(toScheduleSpecs(parseConfig(own, 'f')).map(({ name }) => name)).toEqual(['sweep-orphans', 'tell'])
  expect(toScheduleSpecs(parseConfig(FLEET, 'f')).map(({ name }) => name)).toEqual(['sweep-orphans'])
})
