import { onTestFinished } from 'vitest'
import { createHttpClient } from '../http.ts'
import type { HttpClient } from '../http.ts'
import { createApi } from '../post.ts'
import type { Session } from '../session.ts'
import { fakeRuntime, type FakeRuntime } from './fake-runtime.ts'
import { startTestServer } from './test-api.ts'
import type { Reply, Seen, TestServer } from './test-api.ts'

export interface TestSession {
  server: TestServer
  session: Session
  runtime: FakeRuntime
  http: HttpClient
}

/** An agent's session with an API that answers as the test says; both are closed when the test has ended. */
export async function openTestSession(reply: (seen: Seen) => Reply): Promise<TestSession> {
  const server = await startTestServer(reply)
  const http = createHttpClient()
  const runtime = fakeRuntime()
  let marked = false
  const session: Session = {
    api: createApi({ apiUrl: server.url, token: 'tok', http, runtime, runId: 'run' }),
    runtime,
    bootId: 'boot',
    heartbeatMs: 15_000,
    seq: 0,
    acks: [],
    obeyed: new Set(),
    workloadState: { state: 'none', restarts: 0 },
    marker: { isSet: () => marked, set: () => (marked = true) },
  }
  onTestFinished(async () => {
    await server.close()
    http.close()
  })
  return { server, session, runtime, http }
}
