import { expect, test } from 'vitest'
import { MusterError } from '../errors.ts'
import { parseConfig, toFleetSpecs, type ConfigProblem } from './index.ts'

const HOSTS = `
      image: m-1
      placements: [{ zone: cn-hangzhou-h, vSwitch: vsw-1, type: ecs.g7.large }]
      securityGroups: [sg-1]`

/** A right file with one fleet; more fields of its hosts, of the file. */
const file = (hosts = '', top = '') => `${top}fleets:
  a:
    size: 3
    hosts:${HOSTS}
${hosts === '' ? '' : `      ${hosts}\n`}`

/** A file whose hosts say nothing but this. */
const only = (hosts: string) => `fleets:\n  a:\n    size: 1\n    hosts:\n      ${hosts}\n`

function errorOf(text: string): MusterError {
  try {
    parseConfig(text, 'muster.yaml')
  } catch (error) {
    if (error instanceof MusterError) return error
    throw error
  }
  throw new Error('nothing was found wrong')
}

const problemsOf = (text: string) => errorOf(text).details['problems'] as ConfigProblem[]

const REAL =
  'cloud: { kind: alibaba }\napi: { listen: "0.0.0.0:1", publicUrl: "https://m.example" }\ncontroller: a\n'
const DURATION = 'like 90s, 20m, 1h30m or PT20M'

/** Text, then `line:column field: message` of its only problem. */
const WRONG: [name: string, text: string, problem: string][] = [
  ['an empty file', '', '1:1 : expected a config, found an empty file'],
  ['a list', '- a\n', '1:1 : expected a map of fields, found a list'],
  ['broken YAML', 'a: b: c\n', '1:4 : no valid YAML: Nested mappings are not allowed in compact mappings'],
  ['a field twice', 'fleets: {}\nfleets: {}\n', '2:1 : this field stands here twice'],
  [
    'two documents',
    'fleets: {}\n---\nfleets: {}\n',
    '2:1 : expected one document, found another one after ---',
  ],
  ['a tab', 'store:\n\tsqlite: a\n', '2:1 : expected spaces, found a tab as indentation'],
  ['an unknown anchor', 'store: *a\n', '1:8 : expected an anchor &a above, found none'],
  ['an unknown tag', 'controller: !secret a\n', '1:13 : no valid YAML: Unresolved tag: !secret'],
  ['__proto__', 'fleets:\n  __proto__: { size: 1 }\n', '2:3 : expected another name, found __proto__'],
  ['a mistyped section', 'fleet: {}\n', '1:1 fleet: there is no such field; did you mean fleets?'],
  [
    'a strange section',
    'qqqqqqqq: {}\n',
    '1:1 qqqqqqqq: there is no such field; known are controller, temporal, cloud, store, api, identity, sweep, breaker, statuspage, defaults, fleets, timezone, schedules',
  ],
  [
    'a mistyped field',
    file('imgae: m-2'),
    '8:7 fleets.a.hosts.imgae: there is no such field; did you mean image?',
  ],
  [
    'a field of a place',
    only('placements: [{ zone: cn-hangzhou-h, vSwitch: vsw-1, typ: ecs.g7.large }]'),
    '5:59 fleets.a.hosts.placements[0].typ: there is no such field; did you mean type?',
  ],
  [
    'a controller in capitals',
    'controller: Farm\n',
    '1:13 controller: expected a name of 1 to 40 lower-case letters, digits and dashes, beginning with a letter, found "Farm"',
  ],
  ['a kind of cloud', 'cloud:\n  kind: aws\n', '2:9 cloud.kind: expected emulator or alibaba, found "aws"'],
  [
    'a region',
    'cloud: { region: Hangzhou }\n',
    '1:18 cloud.region: expected a region id like cn-hangzhou, found "Hangzhou"',
  ],
  [
    'an endpoint with a scheme',
    'cloud: { endpoint: "https://ecs.aliyuncs.com" }\n',
    '1:20 cloud.endpoint: expected host or host:port of the ECS API, without https://, found "https://ecs.aliyuncs.com"',
  ],
  [
    'a Temporal address without a port',
    'temporal: { address: localhost }\n',
    '1:22 temporal.address: expected host:port of the Temporal server, found "localhost"',
  ],
  [
    'a port that is none',
    'api: { listen: "127.0.0.1:65536" }\n',
    '1:16 api.listen: expected host:port, like 127.0.0.1:8080; port 0 takes a free one, found "127.0.0.1:65536"',
  ],
  [
    'a URL that is none',
    'api: { publicUrl: muster.example }\n',
    '1:19 api.publicUrl: expected an http:// or https:// URL without user, query and fragment, as agents reach the API, found "muster.example"',
  ],
  [
    'a proxy that is no range',
    'api:\n  trustedProxies:\n    - 10.0.0.0/33\n',
    '3:7 api.trustedProxies[0]: expected an address or a CIDR range of proxies alone, like 10.0.0.8/30, found "10.0.0.0/33"',
  ],
  [
    'three keys',
    'api: { keys: [{ id: a, secretEnv: A }, { id: b, secretEnv: B }, { id: c, secretEnv: C }] }\n',
    '1:8 api.keys: expected at most two keys: the one in use first, and the one before it, found a list',
  ],
  [
    'a key twice',
    'api: { keys: [{ id: a, secretEnv: A }, { id: a, secretEnv: B }] }\n',
    '1:46 api.keys[1].id: expected another id than that of the first key, found "a" again',
  ],
  [
    'two stores',
    'store: { sqlite: a.db, postgresUrlEnv: A }\n',
    '1:1 store: expected either sqlite or postgresUrlEnv, found both',
  ],
  ['a section without fields', 'identity: log\n', '1:11 identity: expected a map of fields, found "log"'],
  [
    'an unknown mode',
    'identity: { privateIp: on }\n',
    '1:24 identity.privateIp: expected off or allow, found "on"',
  ],
  [
    'a fleet name',
    file().replace('  a:', '  My_Fleet:'),
    '2:3 fleets.My_Fleet: expected a fleet name of 1 to 40 lower-case letters, digits and dashes, beginning with a letter, found "My_Fleet"',
  ],
  [
    'no size',
    file().replace('    size: 3\n', ''),
    '2:3 fleets.a.size: is missing: expected a whole number from 0 to 5000',
  ],
  [
    'a size too large',
    file().replace('3', '5001'),
    '3:11 fleets.a.size: expected a whole number from 0 to 5000, found 5001',
  ],
  [
    'a size that is a text',
    file().replace('3', 'three'),
    '3:11 fleets.a.size: expected a whole number from 0 to 5000, found "three"',
  ],
  ['a fleet of nothing', 'fleets:\n  a:\n', '2:3 fleets.a: expected a map of fields, found nothing'],
  [
    'no image',
    file().replace('      image: m-1\n', ''),
    '4:5 fleets.a.hosts.image: is missing: expected an image id, here or in defaults',
  ],
  [
    'an image of nothing',
    file().replace('m-1', ''),
    '5:7 fleets.a.hosts.image: expected an image id like m-bp1…, or a public image like ubuntu_24_04_x64_20G_alibase_20251210.vhd, found nothing',
  ],
  [
    'no placement in the list',
    file().replace(/\[\{.*\}\]/, '[]'),
    '6:7 fleets.a.hosts.placements: expected at least one placement, found an empty list',
  ],
  [
    'a placement without a zone',
    file().replace('zone: cn-hangzhou-h, ', ''),
    '6:20 fleets.a.hosts.placements[0].zone: is missing: expected a zone id like cn-hangzhou-h',
  ],
  [
    'a zone of elsewhere',
    file().replace('hangzhou-h', 'beijing-h'),
    '6:28 fleets.a.hosts.placements[0].zone: expected a zone of cloud.region cn-hangzhou, found "cn-beijing-h"',
  ],
  [
    'type and types',
    file().replace('type:', 'types: [ecs.g7.large], type:'),
    '6:20 fleets.a.hosts.placements[0]: expected either type or types, found both',
  ],
  [
    'no type',
    file().replace(', type: ecs.g7.large', ''),
    '6:20 fleets.a.hosts.placements[0]: expected either type or types, found neither',
  ],
  [
    'a type twice',
    file().replace('type: ecs.g7.large', 'types: [ecs.a.b, ecs.a.b]'),
    '6:20 fleets.a.hosts.placements[0]: expected each placement once, found ecs.a.b in cn-hangzhou-h again (first in placements[0])',
  ],
  [
    'a spot price of nothing',
    file().replace('type:', 'spot: { priceLimit: 0 }, type:'),
    '6:79 fleets.a.hosts.placements[0].spot.priceLimit: expected a price per hour above 0, found 0',
  ],
  [
    'a spot that is a text',
    file().replace('type:', 'spot: cheap, type:'),
    '6:65 fleets.a.hosts.placements[0].spot: expected true, false or { priceLimit: <price per hour>, fallback: true }, found "cheap"',
  ],
  [
    'a weight in order',
    file().replace('type:', 'weight: 2, type:'),
    '6:67 fleets.a.hosts.placements[0].weight: expected none with policy order: weights need policy: weighted',
  ],
  [
    'a duration without a unit',
    file('bootTimeout: 20'),
    `8:20 fleets.a.hosts.bootTimeout: expected a duration from 30s to 1d, ${DURATION}, found 20`,
  ],
  [
    'a boot too short',
    file('bootTimeout: 29s'),
    `8:20 fleets.a.hosts.bootTimeout: expected a duration from 30s to 1d, ${DURATION}, found "29s"`,
  ],
  [
    'a running timeout beyond the boot',
    file('runningTimeout: 21m'),
    '8:23 fleets.a.hosts.runningTimeout: expected bootTimeout of at least 21m (runningTimeout, which is a part of the boot), found 20m',
  ],
  [
    'too few beats',
    file('heartbeat: { every: 40s }'),
    '8:27 fleets.a.hosts.heartbeat.every: expected heartbeat.timeout of at least 2m (3 × heartbeat.every, because two lost beats must not make a host silent), found 1m30s',
  ],
  [
    'a grace too short',
    file('silentGrace: 2m'),
    '8:20 fleets.a.hosts.silentGrace: expected silentGrace of at least 3m (2 × heartbeat.timeout, because a host must have time to be heard again), found 2m',
  ],
  [
    'a wrong default',
    file('', 'defaults: { silentGrace: 2m }\n'),
    '1:26 defaults.silentGrace: expected silentGrace of at least 3m (2 × heartbeat.timeout, because a host must have time to be heard again), found 2m',
  ],
  [
    'a back-off that shrinks',
    file('backoff: { initial: 1m, max: 30s }'),
    '8:36 fleets.a.hosts.backoff.max: expected backoff.max of at least 1m (backoff.initial), found 30s',
  ],
  [
    'a preservation below the minimum of the cloud',
    file('preserveFailed: 29m'),
    '8:23 fleets.a.hosts.preserveFailed: expected off, or a duration from 30m to 30d, like 90s, 20m or 1h30m, found "29m"',
  ],
  [
    'a tag of ours',
    file('tags: { "muster:fleet": x }'),
    '8:15 fleets.a.hosts.tags.muster:fleet: expected a tag key of 1 to 128 characters that does not begin with aliyun, acs: or muster: and has no http:// or https://, found "muster:fleet"',
  ],
  [
    'a tag that is a number',
    file('tags: { port: 80 }'),
    '8:21 fleets.a.hosts.tags.port: expected a tag value: a text of at most 128 characters without http:// or https:// (numbers and true/false in quotes), found 80',
  ],
  [
    'too many tags',
    file(`tags: { ${Array.from({ length: 13 }, (_, i) => `t${i}: x`).join(', ')} }`),
    "8:7 fleets.a.hosts.tags: expected at most 12 tags with those of defaults (ECS takes 20, the rest are Muster's), found 13",
  ],
  [
    'a disk without a unit',
    file('systemDisk: { category: cloud_essd, size: 40 }'),
    '8:49 fleets.a.hosts.systemDisk.size: expected a size from 1GiB to 2048GiB, like 40GiB, found 40',
  ],
  [
    'a disk too large',
    file('systemDisk: { category: cloud_essd, size: 3TiB }'),
    '8:49 fleets.a.hosts.systemDisk.size: expected a size from 1GiB to 2048GiB, like 40GiB, found "3TiB"',
  ],
  [
    'a level of a disk that has none',
    file('systemDisk: { category: cloud_ssd, size: 40GiB, performanceLevel: PL1 }'),
    '8:73 fleets.a.hosts.systemDisk.performanceLevel: expected none for a disk of cloud_ssd: only cloud_essd has levels',
  ],
  [
    'a key pair for Windows',
    file('os: windows\n      keyPair: mine'),
    '9:16 fleets.a.hosts.keyPair: expected none for Windows: ECS has key pairs for Linux only',
  ],
  [
    'too much bandwidth',
    file('publicBandwidthMbps: 101'),
    '8:28 fleets.a.hosts.publicBandwidthMbps: expected a whole number from 0 to 100, found 101',
  ],
  [
    'a command as one text',
    file('workload: { command: run me }'),
    '8:28 fleets.a.hosts.workload.command: expected a list, found "run me"',
  ],
  [
    'a number in the environment',
    file('workload: { command: [x], env: { PORT: 80 } }'),
    '8:46 fleets.a.hosts.workload.env.PORT: expected a text; put numbers and true/false in quotes',
  ],
  [
    'a spec too large',
    file(`workload: { command: [${'x'.repeat(4_000)}, ${'y'.repeat(4_000)}] }`),
    "4:5 fleets.a.hosts: expected hosts of at most 8192 bytes as JSON, defaults included, because they travel in every workflow's input, found 8525: shorten workload.env, tags or placements",
  ],
  [
    'the real cloud without a controller',
    REAL.replace('controller: a\n', ''),
    '1:1 controller: is missing: the real cloud (cloud.kind alibaba) is not used without the name of this installation, which is how instances are known as its own',
  ],
  [
    'the real cloud without a public URL',
    REAL.replace(/, publicUrl: ".*"/, ''),
    '2:1 api.publicUrl: is missing: the real cloud (cloud.kind alibaba) is not used without the URL by which the agents on its instances reach the API',
  ],
  [
    'the real cloud without a listener',
    REAL.replace('listen: "0.0.0.0:1", ', ''),
    '2:1 api.listen: is missing: the real cloud (cloud.kind alibaba) is not used without the host:port on which the API listens, like 0.0.0.0:8080 or 127.0.0.1:8080 behind a proxy',
  ],
  [
    'the real cloud that calls loopback',
    REAL.replace('https://m.example', 'http://127.0.0.1:80'),
    '2:40 api.publicUrl: expected a URL that instances in the cloud can reach, found an address of this machine alone',
  ],
  [
    'a cool-down above its limit',
    'breaker: { coolDown: 2h, maxCoolDown: 1h }\n',
    '1:39 breaker.maxCoolDown: expected maxCoolDown of at least 2h (coolDown), found 1h',
  ],
  [
    'a cool-down of a fleet above the limit of all',
    `breaker: { maxCoolDown: 30m }\n${file()}`.replace('size:', 'breaker: { coolDown: 40m }\n    size:'),
    '4:5 fleets.a.breaker.maxCoolDown: expected maxCoolDown of at least 40m (coolDown), found 30m',
  ],
  [
    'a breaker that opens at nothing',
    'breaker: { failures: 0 }\n',
    '1:22 breaker.failures: expected a whole number from 1 to 1000, found 0',
  ],
  [
    'the real cloud in the clear',
    REAL.replace('kind: alibaba', 'kind: alibaba, protocol: http'),
    '1:35 cloud.protocol: expected https for the real cloud, found http: launches carry enrollment tokens',
  ],
]

test.each(WRONG)('%s is told with line, field and what was expected', (_name, text, expected) => {
  const told = problemsOf(text).map(
    ({ line, column, field, message }) => `${line}:${column} ${field}: ${message}`,
  )
  expect(told).toEqual([expected])
})

test('the text of the error names file, line, column and field of each problem', () => {
  const one = errorOf('controller: A\n')
  expect(one.code).toBe('bad_config')
  expect(one.message).toMatch(
    /^the config is wrong: muster\.yaml:1:13 controller: expected a name .*, found "A"$/,
  )
  expect(errorOf('controller: A\nstore: 1\n').message.split('\n')).toEqual([
    'the config is wrong in 2 places:',
    expect.stringMatching(/^ {2}muster\.yaml:1:13 controller: expected /),
    '  muster.yaml:2:8 store: expected a map of fields, found 1',
  ])
})

test('all that is wrong is told at once, in order of lines', () => {
  const text = file('silentGrace: 1m\n      oss: linux', 'controller: A\napi: { listen: 80 }\n')
    .replace('m-1', '5')
    .concat('  b:\n    size: -1\n')
  const problems = problemsOf(text)
  expect(problems.map(({ line, field }) => `${line} ${field}`)).toEqual([
    '1 controller',
    '2 api.listen',
    '7 fleets.a.hosts.image',
    '11 fleets.a.hosts.oss',
    '13 fleets.b.size',
  ])
})

test('where a field may have several forms, all that is wrong within the one it has is told', () => {
  const text = file().replace('type:', 'spot: { priceLimit: dear, fallbak: true }, type:')
  expect(problemsOf(text).map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'fleets.a.hosts.placements[0].spot.priceLimit: expected a price per hour above 0, found "dear"',
    'fleets.a.hosts.placements[0].spot.fallbak: there is no such field; did you mean fallback?',
  ])
})

test('a rule over several fields is told beside wrong fields of other fleets', () => {
  const text = `${file('silentGrace: 1m')}  b: { size: x }\n`
  expect(problemsOf(text).map(({ field }) => field)).toEqual(['fleets.a.hosts.silentGrace', 'fleets.b.size'])
})

test('what may be a secret is not repeated', () => {
  for (const text of [
    'store: { postgresUrlEnv: "postgres://u:hunter2@h/d" }\n',
    'api: { keys: [{ id: a, secretEnv: "hunter2!" }] }\n',
    'api: { publicUrl: "https://u:hunter2@h" }\n',
    file('workload: { command: [x], env: { PASSWORD: [hunter2] } }'),
  ]) {
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  }
})

test('anchors and merge keys work, and what is wrong in them is told where it is written', () => {
  const text = file().replace('hosts:', 'hosts: &hosts')
  const merged = `${text}  b:\n    size: 1\n    hosts: { <<: *hosts, image: m-2 }\n`
  expect(toFleetSpecs(parseConfig(merged, 'a')).map(({ host }) => host.imageId)).toEqual(['m-1', 'm-2'])
  const aliased = `${text.replace('m-1', 'M')}  b: { size: 1, hosts: *hosts }\n`
  expect(problemsOf(aliased).map(({ line }) => line)).toEqual([5, 5])
})

test('an alias bomb and a file without end are refused', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...'bcdefg'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdef'[i]}, `.repeat(10)}]`),
  ]
  expect(problemsOf(bomb.join('\n'))[0]?.message).toMatch(/alias/i)
  expect(problemsOf(`# ${'x'.repeat(1_000_001)}`)[0]?.message).toMatch(/expected at most 1000000 characters/)
})

test('an empty map is a config of the emulator without fleets', () => {
  expect(parseConfig('{}', 'a')).toEqual({
    controller: 'dev',
    temporal: { namespace: 'default' },
    cloud: { kind: 'emulator', region: 'cn-hangzhou' },
    store: { keepMs: 90 * 86_400_000 },
    api: { trustedProxies: [], keys: [] },
    identity: { privateIp: 'off' },
    sweep: { ageGuardMs: 600_000, maxOrphans: 5, maxPercent: 5 },
    breaker: {},
    fleets: {},
    timezone: 'UTC',
    schedules: {},
  })
})

test('a shorter boot shortens the running timeout with it', () => {
  const [fleet] = toFleetSpecs(parseConfig(file('bootTimeout: 1m'), 'a'))
  expect(fleet?.host).toMatchObject({ bootTimeoutMs: 60_000, runningTimeoutMs: 60_000 })
})

test('the public URL loses its slash at the end', () => {
  expect(parseConfig('api: { publicUrl: "https://m.example/muster/" }', 'a').api.publicUrl).toBe(
    'https://m.example/muster',
  )
})
