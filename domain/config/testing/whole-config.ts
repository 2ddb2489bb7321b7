/** A config that says every field there is. */

const PLACES = [
  {
    zone: 'cn-hangzhou-h',
    vSwitch: 'vsw-h',
    type: 'ecs.g7.large',
    spot: { priceLimit: 0.5, fallback: true },
    weight: 3,
  },
  { zone: 'cn-hangzhou-i', vSwitch: 'vsw-i', types: ['ecs.g7.large', 'ecs.g7.xlarge'], spot: true },
]

const HOSTS = {
  image: 'm-1',
  os: 'linux',
  placements: PLACES,
  policy: 'weighted',
  securityGroups: ['sg-1', 'sg-2'],
  systemDisk: { category: 'cloud_essd', size: '40GiB', performanceLevel: 'PL1' },
  publicBandwidthMbps: 10,
  ramRole: 'worker',
  keyPair: 'ours',
  tags: { team: 'rendering', stage: 'live' },
  workload: {
    command: ['node', 'server.js'],
    env: { THREADS: '4', QUEUE: 'main' },
    stopTimeout: '30s',
    restart: 'always',
  },
  bootTimeout: '20m',
  runningTimeout: '5m',
  heartbeat: { every: '15s', timeout: '90s' },
  silentGrace: '5m',
  drainTimeout: '10m',
  deadMan: { renewEvery: '1h' },
  backoff: { initial: '5s', max: '10m' },
  preserveFailed: '2h',
}

const BREAKER = {
  enabled: true,
  failures: 5,
  window: '30m',
  coolDown: '10m',
  maxCoolDown: '1h',
  image: { failures: 10, places: 3 },
  fleet: { failures: 30 },
}

const WHOLE = {
  controller: 'farm',
  temporal: {
    address: 'temporal.internal:7233',
    namespace: 'farm',
    tls: {
      serverName: 'temporal.internal',
      caFile: '/srv/ca.pem',
      certFile: '/srv/muster.pem',
      keyFile: '/srv/muster.key',
    },
    apiKeyEnv: 'TEMPORAL_KEY',
  },
  cloud: { kind: 'emulator', region: 'cn-hangzhou', endpoint: '127.0.0.1:8110', protocol: 'http' },
  store: { sqlite: '/srv/muster.db', keep: '30d' },
  api: {
    listen: '127.0.0.1:8080',
    publicUrl: 'https://muster.example',
    trustedProxies: ['10.0.0.8', '10.1.0.0/24'],
    keys: [
      { id: 'k2', secretEnv: 'KEY_2' },
      { id: 'k1', secretEnv: 'KEY_1' },
    ],
  },
  identity: { privateIp: 'allow' },
  sweep: { ageGuard: '10m', maxOrphans: 5, maxPercent: 5 },
  breaker: BREAKER,
  statuspage: {
    pageId: 'abc',
    apiKeyEnv: 'PAGE_KEY',
    endpoint: 'https://status.example/v1',
    components: { render: 'c1', build: 'c2' },
    incidents: { holds: true, freezes: true },
    notify: true,
  },
  defaults: HOSTS,
  fleets: {
    render: {
      size: 3,
      hosts: HOSTS,
      rollout: { maxSurge: '10%', maxUnavailable: 1, onApply: 'roll', stopAfterFailures: 3 },
      overAsk: '10%',
      maxLifetime: '7d',
      breaker: BREAKER,
    },
    build: { size: 1, rollout: { maxSurge: 1, maxUnavailable: '0%' } },
  },
  timezone: 'UTC',
  schedules: {
    evening: {
      cron: '0 0 8 * * MON-FRI',
      timezone: 'Asia/Shanghai',
      dialect: 'robfig-v1',
      do: { scale: { fleet: 'render', size: 40 } },
      overlap: 'skip',
      catchUp: '10m',
      jitter: '2m',
      paused: false,
      note: 'because',
    },
    weekly: { cron: '@daily', do: { roll: { fleet: 'render' } } },
    sweep: { cron: '@daily', do: { sweep: {} } },
    report: { cron: '@daily', do: { report: {} } },
  },
}

/** Several, because a few fields exclude each other. */
export const WHOLE_CONFIGS: readonly unknown[] = [
  WHOLE,
  { ...WHOLE, store: { ...WHOLE.store, sqlite: undefined, postgresUrlEnv: 'DATABASE_URL' } },
]
