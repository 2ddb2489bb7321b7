import { Agent, request } from 'node:http'
import { tokenCrypto } from '../../store/token-crypto.ts'
import { signEnrollment } from '../../domain/enrollment/token.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import { CONTROLLER, KEY } from './spec.ts'

/** A post as an agent sends it. */
export interface Post {
  url: string
  token: string
  body: object
  /** Of the posts before it: agents keep their connection between beats. */
  connections?: Agent
}

/** The token in an instance's user data. */
export const tokenOf = (key: AttemptKey): string =>
  signEnrollment({ ...key, controller: CONTROLLER, expiresAt: Date.now() + 3_600_000 }, KEY, tokenCrypto)

let posts = 0

/** Posts; resolves with the status when the whole answer is here. */
export function post({ url, token, body, connections }: Post): Promise<number> {
  posts += 1
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'idempotency-key': `bench-${posts}`,
      },
      ...(connections && { agent: connections }),
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', reject)
    })
    sent.end(text)
  })
}

export const keptConnections = (): Agent => new Agent({ keepAlive: true })
