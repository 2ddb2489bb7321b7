import { Agent, request } from 'node:http'
import { Client, Connection } from '@temporalio/client'
import { startTemporalStage } from '../tests/api/stage.ts'
import { fork } from 'node:child_process'
if (process.argv[2] === 'api') {
  const { startApi } = await import('../api/server.ts')
  const { openStore } = await import('../store/index.ts')
  const store = await openStore({ file: ':memory:' })
  const connection = await Connection.connect({ address: process.argv[3]! })
  const { log } = (await import('pino')).default === undefined ? { log: undefined } : { log: (await import('pino')).default({ level: 'warn' }) }
  const api = await startApi({ id: 'x', controller: 'test', temporal: new Client({ connection }), namespace: 'default', store, enrollmentKeys: { k1: 'enrollment-secret-0123456789' }, identity: { privateIp: 'off', document: 'off' }, trustedProxies: [], heartbeatSeconds: 15, operatorAuth: {}, clock: Date.now, log: log as never, listen: { host: '127.0.0.1', port: 0 }, agentRate: { perSecond: 1e6, burst: 1e6 } })
  process.send!(api.url)
} else {
  const { signEnrollment } = await import('../domain/enrollment/token.ts')
  const { tokenCrypto } = await import('../api/token-crypto.ts')
  const { watchActivityId } = await import('../domain/ids.ts')
  const stage = await startTemporalStage()
  const hosts = await Promise.all(Array.from({ length: 50 }, (_, i) => stage.startHost(`bench/${String(i + 1).padStart(5, '0')}`, 1)))
  for (const h of hosts) await h.tell({ watch: watchActivityId(h.key.generation, 1) })
  await new Promise((r) => setTimeout(r, 3000))
  const N = 6000
  const many = async (fn: (i: number) => Promise<unknown>) => { let i = 0; await Promise.all(Array.from({ length: 50 }, async () => { while (i < N) { const k = i++; await fn(k) } })) }
  const details = { seq: 1, workload: { state: 'running', pid: 42, restarts: 0 }, load: 0.2, at: new Date().toISOString() }
  const raw = (i: number) => { const h = hosts[i % 50]!; return stage.client.activity.heartbeat({ workflowId: `host/${h.key.host}`, activityId: watchActivityId(h.key.generation, 1) }, details) }
  await many(raw)
  let c = process.cpuUsage(), t = performance.now()
  await many(raw)
  let u = process.cpuUsage(c); const rawPer = N / ((u.user + u.system) / 1e6)
  console.log('raw', Math.round(rawPer), 'per cpu s', Math.round(N / ((performance.now() - t) / 1000)), '/s')
  const child = fork(import.meta.filename, ['api', (stage.client.connection as Connection).options.address])
  const url = await new Promise<string>((r) => child.once('message', (m) => r(m as string)))
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const tokens = hosts.map((h) => signEnrollment({ ...h.key, controller: 'test', expiresAt: Date.now() + 1e9 }, { id: 'k1', secret: 'enrollment-secret-0123456789' }, tokenCrypto))
  const body = JSON.stringify({ bootId: 'b', seq: 1, workload: details.workload, load: 0.2 })
  const bad: Record<string, number> = {}
  const viaApi = (i: number) => new Promise<void>((res, rej) => { const r = request(url + '/v1/agent/heartbeat', { agent, method: 'POST', headers: { authorization: `Bearer ${tokens[i % 50]}`, 'content-type': 'application/json', 'content-length': body.length } }, (a) => { bad[a.statusCode!] = (bad[a.statusCode!] ?? 0) + 1; a.resume(); a.on('end', res) }); r.on('error', rej); r.end(body) })
  const cpu = async () => Number(/process_cpu_seconds_total ([\d.]+)/.exec(await (await fetch(url + '/metrics')).text())![1])
  await many(viaApi)
  const c1 = await cpu(); t = performance.now()
  await many(viaApi)
  const c2 = await cpu()
  console.log('api', Math.round(N / (c2 - c1)), 'per cpu s', Math.round(N / ((performance.now() - t) / 1000)), '/s', bad, 'ratio', (N / (c2 - c1) / rawPer).toFixed(2))
  child.kill()
  // started
  await stage.stop()
  process.exit(0)
}
