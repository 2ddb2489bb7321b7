import { Agent, request } from 'node:http'
import { request as secureRequest } from 'node:https'

export interface LightPost {
  url: URL
  token: string
  key: string
  body: string
  /** Source address. */
  localAddress: string
  /** Keep the connection for the next post of this address. */
  keep: boolean
}

export interface LightAnswer {
  status: number
  body: string
}

export interface LightHttp {
  /** Rejects when no whole answer came. A kept connection that was reset while idle is replaced at once. */
  post(post: LightPost): Promise<LightAnswer>
  close(): void
}

const TIMEOUT_MS = 10_000

/** Posts of many simulated agents: connections are kept by source address, for those that may keep one. */
export function createLightHttp(): LightHttp {
  // One idle connection an address is all that an agent needs.
  const kept = new Agent({ keepAlive: true, maxFreeSockets: 1 })

  async function post(wanted: LightPost): Promise<LightAnswer> {
    const first = await exchange(wanted, wanted.keep ? kept : false)
    return first === 'stale' ? await postFresh(wanted) : first
  }

  return { post, close: () => kept.destroy() }
}

async function postFresh(wanted: LightPost): Promise<LightAnswer> {
  const answer = await exchange(wanted, false)
  if (answer === 'stale') throw new Error('the connection was reset')
  return answer
}

function exchange(wanted: LightPost, agent: Agent | false): Promise<LightAnswer | 'stale'> {
  const { url, body, localAddress } = wanted
  const secure = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const sent = (secure ? secureRequest : request)(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${wanted.token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'idempotency-key': wanted.key,
      },
      // TLS connections are not kept: benchmarks speak plain HTTP on loopback.
      agent: secure ? false : agent,
      localAddress,
      timeout: TIMEOUT_MS,
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve('stale')
      else reject(error)
    })
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    sent.end(body)
  })
}
