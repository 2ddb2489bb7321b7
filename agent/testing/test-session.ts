import { onTestFinished } from 'vitest'
import { createHttpClient } from '../http.ts'
import type { HttpClient } from '../http.ts'
import { createApi } from '../post.ts'
import type { Session } from '../session.ts'
import { fakeSurroundings, type FakeSurroundings } from './fake-surroundings.ts'
import { startTestServer } from './test-api.ts'
import type { Reply, Seen, TestServer } from './test-api.ts'

export interface TestSession {
  server: TestServer
  session: Session
  around: FakeSurroundings
  http: HttpClient
}

/** An agent's session with an API that answers as the test says; both are closed when the test has ended. */
export async function openTestSession(reply: (seen: Seen) => Reply): Promise<TestSession> {
  const server = await startTestServer(reply)
  const http = createHttpClient()
  const around = fakeSurroundings()
  let marked = false
  const session: Session = {
    api: createApi({ apiUrl: server.url, token: 'tok', http, around, runId: 'run' }),
    around,
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
  return { server, session, around, http }
}
