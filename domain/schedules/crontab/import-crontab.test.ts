import { describe, expect, test } from 'vitest'
import { importCrontab } from './import-crontab.ts'
import { parseCommandMap } from './map-commands.ts'

const up = '*up.sh*=scale:render:40'
const run = (content: string, maps: string[] = [up, '*=roll:render'], fields?: 5 | 6) =>
  importCrontab(
    content,
    { timezone: 'UTC', ...(fields !== undefined && { fields }) },
    maps.map((map) => parseCommandMap(map)),
  )
const firstOf = (content: string, maps?: string[], fields?: 5 | 6) => {
  const { schedules, problems } = run(content, maps, fields)
  return problems[0]?.why ?? Object.values(schedules)[0]
}

describe('a line of a crontab', () => {
  test('with six fields begins with the second, with five with the minute', () => {
    expect(firstOf('0 30 20 * * MON-FRI /opt/up.sh 40')).toMatchObject({ cron: '0 30 20 * * MON-FRI' })
    expect(firstOf('0 30 20 * * MON-FRI /opt/up.sh 40')).not.toHaveProperty('dialect')
    expect(firstOf('30 20 * * 1-5 /opt/up.sh 40')).toMatchObject({
      cron: '30 20 * * 1-5',
      dialect: 'standard',
    })
  })

  test('is read with as many fields as a person says', () => {
    expect(firstOf('0 3 * * * 5', ['5=sweep'], 5)).toMatchObject({ cron: '0 3 * * *', do: { sweep: {} } })
    expect(firstOf('0 3 * * * 5', ['5=sweep'])).toContain('no command')
  })

  test.each(['@daily', '@every 1h30m', '@hourly'])('may begin with %s', (cron) => {
    expect(firstOf(`${cron} /opt/up.sh`)).toMatchObject({
      cron,
      do: { scale: { fleet: 'render', size: 40 } },
    })
  })

  test('takes its zone from the lines above, or from its own beginning', () => {
    const { schedules } = run(
      '@daily a\nCRON_TZ=Asia/Tokyo\n@daily b\nTZ=America/New_York @daily c\n@daily d',
    )
    expect(Object.values(schedules).map(({ timezone }) => timezone)).toEqual([
      'UTC',
      'Asia/Tokyo',
      'America/New_York',
      'Asia/Tokyo',
    ])
  })

  test('keeps the comment right above it and its command as a note, and gets a name of its own', () => {
    const { schedules } = run('# evening\n@daily /opt/up.sh 40\n@daily /opt/up.sh 40\n\n# far\n\n@daily 7z x')
    expect(schedules).toMatchObject({
      'up-40': { note: 'evening; was: /opt/up.sh 40' },
      'up-40-2': { note: 'was: /opt/up.sh 40' },
      'z-x': { note: 'was: 7z x' },
    })
  })

  test.each([
    ['0 0 25 * * * x', 'hour'],
    ['61 3 * * * x', 'minute'],
    ['0 0 12 * * 7 x', 'Write 0 or SUN for Sunday'],
    ['@reboot x', 'no meaning'],
    ['@daily', 'no command'],
    ['@reboot /opt/up.sh', 'no meaning'],
    ['0 3 * * 7 /opt/up.sh', 'Write 0 or SUN'],
    ['CRON_TZ=Mars/Base @daily x', 'Mars/Base'],
    ['hello', 'it has 1 field'],
  ])('%s is not taken, and told why', (line, why) => {
    expect(run(line)).toMatchObject({ schedules: {}, problems: [{ line: 1, text: line }] })
    expect(firstOf(line)).toContain(why)
  })

  test('that sets a variable is told, and is no problem; a time zone is obeyed', () => {
    const { schedules, problems, remarks } = run(
      'SHELL=/bin/bash\nPATH = /usr/bin:/bin\nMAILTO=""\nCRON_TZ = "Asia/Tokyo"\n@daily a\nTZ=UTC\n@daily b',
    )
    expect(problems).toEqual([])
    expect(Object.values(schedules).map(({ timezone }) => timezone)).toEqual(['Asia/Tokyo', 'UTC'])
    expect(remarks.map(({ line, why }) => `${line}: ${why.slice(0, 60)}`)).toEqual([
      '1: schedules have no environment: SHELL is left out',
      '2: schedules have no environment: PATH is left out',
      '3: schedules have no environment: MAILTO is left out',
      '6: taken as the time zone of the lines below. Many crons give T',
    ])
  })

  test('that sets a time zone that is none is told at that line', () => {
    const { problems } = run('CRON_TZ=Mars/Base\n@daily x')
    expect(problems[0]).toMatchObject({ line: 1, why: expect.stringContaining('Mars/Base') })
  })

  test('has a column for who runs it where a person says so', () => {
    const read = (line: string, userColumn: boolean) =>
      Object.entries(
        importCrontab(line, { timezone: 'UTC', userColumn }, [parseCommandMap('/opt/up.sh 40=sweep')])
          .schedules,
      )
    expect(read('0 3 * * * root /opt/up.sh 40', false)).toEqual([])
    for (const times of ['0 3 * * *', '@daily', '0 0 3 * * *'])
      expect(read(`${times} root /opt/up.sh 40`, true)).toMatchObject([
        ['up-40', { do: { sweep: {} }, note: 'was: /opt/up.sh 40 (as root)' }],
      ])
    expect(run('0 3 * * * root', ['*=sweep']).schedules).toHaveProperty('root')
    expect(importCrontab('0 3 * * * root', { timezone: 'UTC', userColumn: true }, []).problems).toMatchObject(
      [{ why: expect.stringContaining('no command') }],
    )
  })

  test('whose command has a percent sign is matched as it stands', () => {
    expect(firstOf('0 3 * * * /opt/up.sh +\\%F % in', ['/opt/up.sh +\\%F % in=sweep'])).toMatchObject({
      do: { sweep: {} },
    })
  })

  test('whose command no map names is left to a person', () => {
    expect(run('@daily /opt/down.sh', [up])).toMatchObject({
      schedules: {},
      problems: [],
      unmapped: [{ line: 1, expression: '@daily', command: '/opt/down.sh' }],
    })
  })
})

describe('a map of commands', () => {
  test('matches the whole command, and is taken literally but for *', () => {
    const { matches } = parseCommandMap('a.b*=sweep')
    expect(['a.b', 'a.b c', 'axb', 'x a.b'].map(matches)).toEqual([true, true, false, false])
    const inner = parseCommandMap('*a*b*=sweep')
    expect(['ab', 'xaxbx', 'ba', 'a', 'b'].map(inner.matches)).toEqual([true, true, false, false, false])
    const both = parseCommandMap('ab*ba=sweep')
    expect(['abba', 'ab-ba', 'aba'].map(both.matches)).toEqual([true, true, false])
    expect(parseCommandMap(`${'*a'.repeat(40)}*b=sweep`).matches('a'.repeat(100_000))).toBe(false)
    expect(parseCommandMap('x=y=roll:render')).toMatchObject({
      pattern: 'x=y',
      action: { roll: { fleet: 'render' } },
    })
  })

  test.each([
    'x',
    '=sweep',
    'x=scale:render',
    'x=scale:render:-1',
    'x=scale:Render:1',
    'x=scale:a:1:2',
    'x=run:a',
  ])('%s is refused', (map) => {
    expect(() => parseCommandMap(map)).toThrow('PATTERN=')
  })
})
