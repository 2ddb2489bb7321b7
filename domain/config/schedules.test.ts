import { describe, expect, test } from 'vitest'
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
const withSchedule = (lines: string, top = ''): string =>
  `${top}${FLEET}schedules:\n  evening:\n${lines
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`

const DO = 'do: { scale: { fleet: render, size: 40 } }'

describe('schedules of a config', () => {
  test('come with every default applied', () => {
    const config = parseConfig(withSchedule(`cron: 0 0 20 * * *\n${DO}`), 'farm.yaml')
    expect(toScheduleSpecs(config).filter(({ name }) => name === 'evening')).toEqual([
      {
        name: 'evening',
        expression: '0 0 20 * * *',
        timezone: 'UTC',
        dialect: 'robfig-v1',
        do: { scale: { fleet: 'render', size: 40 } },
        overlap: 'skip',
        catchUpMs: 600_000,
        jitterMs: 0,
      },
    ])
  })

  test('take the time zone of the file unless they name their own', () => {
    const text = withSchedule(`cron: '@daily'\n${DO}`, 'timezone: Asia/Shanghai\n')
    expect(toScheduleSpecs(parseConfig(text, 'f'))[0]?.timezone).toBe('Asia/Shanghai')
    const own = withSchedule(`cron: '@daily'\ntimezone: Asia/Tokyo\n${DO}`, 'timezone: Asia/Shanghai\n')
    expect(toScheduleSpecs(parseConfig(own, 'f'))[0]?.timezone).toBe('Asia/Tokyo')
  })

  test('say all that they may say', () => {
    const text = withSchedule(
      "cron: '0 20 * * 1-5'\ndialect: standard\noverlap: bufferOne\ncatchUp: 1h\njitter: 30s\npaused: true\nnote: shift\ndo: { roll: { fleet: render } }",
    )
    expect(toScheduleSpecs(parseConfig(text, 'f'))[0]).toMatchObject({
      dialect: 'standard',
      overlap: 'bufferOne',
      catchUpMs: 3_600_000,
      jitterMs: 30_000,
      paused: true,
      note: 'shift',
      do: { roll: { fleet: 'render' } },
    })
  })

  test('come with a sweep, unless one of them is about sweeping', () => {
    const config = parseConfig(withSchedule(`cron: '@daily'\n${DO}`), 'f')
    expect(toScheduleSpecs(config)[1]).toMatchObject({ expression: '@every 10m', do: { sweep: {} } })
    const own = parseConfig(withSchedule("cron: '@hourly'\npaused: true\ndo: { sweep: {} }"), 'f')
    expect(toScheduleSpecs(own).map(({ name }) => name)).toEqual(['evening'])
  })

  test.each([
    [`cron: 0 0 25 * * *\n${DO}`, /^10 schedules\.evening\.cron: the hour field '25': .* Allowed: 0-23/],
    [`cron: 0 0 3 30 2 *\n${DO}`, /^10 schedules\.evening\.cron: It never fires/],
    [`cron: 0 30 2 * * *\ntimezone: Europe/Berlin\n${DO}`, /^10 schedules\.evening\.cron: .*Europe\/Berlin/],
    [`cron: '@daily'\ntimezone: Mars/Base\n${DO}`, /^11 schedules\.evening\.timezone: .*Mars\/Base/],
    [
      "cron: '@daily'\ndo: { scale: { fleet: rendre, size: 1 } }",
      /^11 schedules\.evening\.do\.scale\.fleet: there is no fleet "rendre" in this file; did you mean render\?/,
    ],
    [
      "cron: '@daily'\ndo: { scale: { fleet: render, size: 9999 } }",
      /^11 schedules\.evening\.do\.scale\.size: expected a whole number from 0 to 5000/,
    ],
    ["cron: '@daily'\ndo: {}", /schedules\.evening\.do: expected exactly one of scale, roll, sweep, report/],
    ["cron: '@daily'\ndo: { sweep: {}, roll: { fleet: render } }", /expected exactly one of/],
    [
      "cron: '@daily'\ndo: { reprot: {} }",
      /schedules\.evening\.do\.reprot: there is no such field; did you mean report\?/,
    ],
    [
      "cron: '@daily'\ndo: { report: {} }",
      /^11 schedules\.evening\.do\.report: needs the section statuspage/,
    ],
    [`cron: '@daily'\ncatchUp: 5s\n${DO}`, /schedules\.evening\.catchUp: expected a duration from 10s/],
    [DO, /schedules\.evening\.cron: is missing: expected a cron expression/],
  ])('%j is wrong, and told with line and field', (lines, words) => {
    const problems = problemsOf(withSchedule(lines))
    expect(problems.length).toBeGreaterThan(0)
    expect(problems[0]).toMatch(words)
  })

  test('a wrong time zone of the file is told once, where it stands', () => {
    const text = withSchedule(`cron: '@daily'\n${DO}`, 'timezone: Mars/Base\n')
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^1 timezone: .*Mars\/Base/)])
  })
})
