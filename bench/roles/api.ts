/** An API as `muster api` runs it. */
import { startApi } from '../../api/server.ts'
import { createLog } from '../../cli/log.ts'
import { createCleanup } from '../../cli/stack/cleanup.ts'
import { startTemporal } from '../../cli/stack/temporal.ts'
import { openStore } from '../../store/index.ts'
import { playRole } from '../support/role.ts'
import { CONTROLLER, KEY } from '../support/spec.ts'

export interface ApiRoleOptions {
  address: string
  storeFile: string
}

/** A benchmark posts faster than agents may; counting costs the same. */
const NO_LIMIT = { perSecond: 1_000_000, burst: 1_000_000 }

await playRole<ApiRoleOptions>(async ({ address, storeFile }) => {
  const log = createLog('error')
  const cleanup = createCleanup((name, error) =>
    log.error({ err: error, name }, 'a part did not end in order'),
  )
  const temporal = await startTemporal({ address, namespace: 'default', log: () => {} }, cleanup)
  const store = await openStore({ file: storeFile })
  cleanup.add('store', () => store.close())
  const api = await startApi({
    id: 'api-bench',
    controller: CONTROLLER,
    temporal: temporal.client,
    namespace: 'default',
    store,
    enrollmentKeys: { [KEY.id]: KEY.secret },
    identity: { privateIp: 'off' },
    trustedProxies: [],
    heartbeatSeconds: 15,
    operatorAuth: {},
    agentRate: NO_LIMIT,
    clock: Date.now,
    log,
    listen: { host: '127.0.0.1', port: 0 },
  })
  cleanup.add('api', () => api.close())
  return { asks: { url: () => Promise.resolve(api.url) }, end: () => cleanup.run() }
})
