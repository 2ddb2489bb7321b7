// The rooms of ARCHITECTURE.md and what each may import. Run by `npm run rooms`, part of `npm test`.
// Tests and what only they use may import anything.
const tests = '\\.test\\.ts$|/testing/|^tests/'
const only = (room, ...allowed) => ({
  name: `${room}-imports`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: tests },
  to: {
    path: '^(domain|workflows|activities|worker|store|api|agent|emulator|cli|scripts|bench|tests)/',
    pathNot: `^(${[room, ...allowed].join('|')})/`,
    dependencyTypesNot: ['type-only'],
  },
})
const neverReaches = (room, what, label) => ({
  name: `${room}-never-reaches-${label}`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: tests },
  to: { path: what, reachable: true },
})

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('domain'),
    only('workflows', 'domain'),
    only('activities', 'domain', 'store'),
    only('store', 'domain'),
    only('api', 'domain', 'store'),
    only('agent', 'domain'),
    only('emulator', 'domain'),
    only('worker', 'domain', 'workflows', 'activities', 'store'),
    only(
      'cli',
      'domain',
      'workflows',
      'activities',
      'worker',
      'store',
      'api',
      'agent',
      'emulator',
      'scripts',
    ),
    only('scripts', 'domain', 'worker', 'cli', 'tests'),
    {
      name: 'scripts-that-set-up-import-nothing',
      comment: 'They run before any package is installed, under whatever Node there is.',
      severity: 'error',
      from: { path: '^scripts/((run|test)\\.mjs$|setup/|test/.*\\.mjs$)', pathNot: tests },
      to: { pathNot: '^scripts/', dependencyTypesNot: ['core', 'type-only'] },
    },
    {
      name: 'scripts-temporal-imports',
      comment: 'Servers for development are started from `muster dev` as well.',
      severity: 'error',
      from: { path: '^scripts/temporal/', pathNot: tests },
      to: { path: '^(worker|cli|tests)/', dependencyTypesNot: ['type-only'] },
    },
    ...['api', 'agent', 'workflows', 'domain', 'store'].map((room) =>
      neverReaches(room, 'node_modules/@alicloud/', 'alicloud'),
    ),
    ...['agent'].map((room) => neverReaches(room, 'node_modules/@temporalio/', 'temporal')),
    {
      name: 'alicloud-only-in-the-adapter',
      severity: 'error',
      from: { path: '^(?!activities/ecs/)', pathNot: `${tests}|^node_modules|^bench/|^tests/` },
      to: { path: 'node_modules/@alicloud/' },
    },
    {
      name: 'temporal-worker-only-in-worker-and-cli',
      severity: 'error',
      from: { path: '^(?!(worker|cli)/)', pathNot: `${tests}|^node_modules|^bench/|^tests/` },
      to: { path: 'node_modules/@temporalio/worker/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // Tests may import anything, and the parser does not know `using`.
    exclude: { path: '^(dist|\\.muster|coverage|node_modules/(?!@alicloud|@temporalio))|\\.test\\.ts$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'types'],
    },
  },
}
