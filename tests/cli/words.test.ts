import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProgram } from '../../cli/program.ts'
import { createPlace, lastJson, runMuster } from './muster.ts'

/** `hosts show`, `temporal setup`, …: every command there is. */
function allCommands(): string[][] {
  const below = (command: ReturnType<typeof createProgram>, path: string[]): string[][] =>
    command.commands.flatMap((child) => [[...path, child.name()], ...below(child, [...path, child.name()])])
  return below(createProgram(), [])
}

test('every command that does something knows --json, and every one has a description', () => {
  const lacking = allCommands().filter((path) => {
    const command = path.reduce(
      (at, name) => at.commands.find((child) => child.name() === name) ?? at,
      createProgram(),
    )
    const isGroup = path.length === 1 && ['tokens', 'temporal', 'cron'].includes(path[0] ?? '')
    const hasJson = command.options.some(({ long }) => long === '--json')
    return command.description() === '' || !(hasJson || isGroup)
  })
  expect(lacking).toEqual([])
  expect(allCommands().length).toBeGreaterThan(25)
})

test('--help of every command is told without a failure', async () => {
  const told = allCommands().map(async (path) => {
    let text = ''
    const program = createProgram()
    const write = (part: string) => void (text += part)
    const setUp = (command: typeof program): void => {
      command.configureOutput({ writeOut: write, writeErr: write })
      command.commands.forEach(setUp)
    }
    setUp(program)
    const error: unknown = await program
      .parseAsync([...path, '--help'], { from: 'user' })
      .catch((e: unknown) => e)
    return { path, text, code: (error as { exitCode?: number }).exitCode }
  })
  for (const { path, text, code } of await Promise.all(told)) {
    expect({ path, code }).toEqual({ path, code: 0 })
    expect(text).toContain(`Usage: muster ${path.join(' ')}`)
  }
})

test.each([
  [['hots'], "unknown command 'hots' (Did you mean hosts?); see muster --help"],
  [['hosts', 'shwo'], "unknown command 'shwo' of hosts (Did you mean show?); see muster hosts --help"],
  [['hosts', 'show', 'nix'], 'A host id looks like demo/00002; see muster hosts show --help'],
  [['holds', 'release', '0'], 'Expected a whole number from 1 to 999999999; see muster holds release'],
  [['fleets', 'resize', 'a', '-1'], 'Expected a whole number from 0 to 5000; see muster fleets resize'],
  [['fleets', 'resize', 'a', '5001'], 'Expected a whole number from 0 to 5000; see muster fleets resize'],
  [['fleets', 'mark', 'a', '1', 'x'], 'Expected a whole number from 1 to 99999; see muster fleets mark'],
  [['fleets', 'override-freeze', 'a', '--for', 'ever'], 'Expected a duration like 30m'],
  [['hosts', '--phase', 'up'], 'Allowed choices are waiting, launching'],
  [['hosts', 'preserve', 'a/00001', '--for', '3x'], 'Expected a duration like 30m, 2h or 1d12h'],
  [['worker'], "required option '--config <file>' not specified; see muster worker --help"],
  [['worker', '--config', 'nope.yaml'], 'cannot read the config nope.yaml: there is no such file'],
  [['dev', '--bogus'], "unknown option '--bogus'; see muster dev --help"],
  [['hosts', '--api', 'foo'], '"foo" is not the URL of an API'],
  [['tokens', 'add', 'me', '--role', 'king'], 'Allowed choices are viewer, operator'],
])('muster %j is wrong usage: exit code 2, and one line that says why', async (args, words) => {
  const { code, stdout, stderr } = await runMuster(await createPlace(), args)
  expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 })
  expect(stderr).toMatch(/^muster: /)
  expect(stderr).toContain(words)
})

test.each([
  [['hosts'], 'no stack runs on this machine'],
  [['fleets', '--api', 'http://127.0.0.1:1'], 'no answer from http://127.0.0.1:1'],
  [['hosts', 'fast-forward', 'demo/00001'], 'no stack runs on this machine'],
  [['tokens', 'list'], 'which installation?'],
])('muster %j did not work: exit code 1, one line, and JSON for who asked for it', async (args, words) => {
  const { code, stdout, stderr } = await runMuster(await createPlace(), [...args, '--json'])
  expect({ code, lines: stderr.split('\n').length }).toEqual({ code: 1, lines: 1 })
  expect(stderr).toContain(words)
  expect(lastJson(stdout)).toMatchObject({ ok: false, error: { message: expect.stringContaining(words) } })
})

test('a table has no colours where nobody looks', async () => {
  const example = join(import.meta.dirname, '../../examples/demo.yaml')
  const { code, stdout } = await runMuster(await createPlace(), ['check', '--config', example])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^ +what +found\nok +config/)
  expect(stdout).not.toContain('\u001b[')
})

const BAD = `controller: Render Farm
temporal:
  adress: localhost:7233
cloud:
  kind: alibaba
  region: cn-hangzhou
fleets:
  render:
    size: many
    hosts:
      image: m-1
      placements:
        - { zone: cn-hangzhou-h, vSwitch: vsw-1, type: ecs.g7.xlarge }
      bootTimeout: soon
`

test('check names every wrong field of a config at once: file, line, column, what was expected', async () => {
  const place = await createPlace()
  writeFileSync(join(place.folder, 'bad.yaml'), BAD)
  const { code, stdout, stderr } = await runMuster(place, ['check', '--config', 'bad.yaml', '--json'])
  expect(code).toBe(2)
  for (const problem of [
    /bad\.yaml:1:13 controller: .*lower-case/,
    /bad\.yaml:3:3 temporal\.adress: .*address/,
    /bad\.yaml:\d+:\d+ api\.publicUrl: is missing/,
    /bad\.yaml:9:11 fleets\.render\.size: expected/,
    /bad\.yaml:14:20 fleets\.render\.hosts\.bootTimeout: expected/,
  ]) {
    expect(stderr).toMatch(problem)
  }
  const { error } = lastJson<{ error: { code: string; details: { problems: { line: number }[] } } }>(stdout)
  expect(error.code).toBe('bad_config')
  expect(error.details.problems.length).toBeGreaterThanOrEqual(5)
})
