import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createRememberingRouter } from './remembering-router.ts'

function stage() {
  const app = new Hono({ router: createRememberingRouter() })
  app.use(async (c, next) => {
    await next()
    c.header('x-seen', 'yes')
  })
  app.post('/v1/hosts/status', (c) => c.text('status'))
  app.post('/v1/hosts/:fleet/:slot/drain', (c) =>
    c.text(`drain ${c.req.param('fleet')} ${c.req.param('slot')}`),
  )
  app.get('/v1/hosts/:fleet/:slot', (c) => c.text(`show ${c.req.param('slot')}`))
  return async (method: string, path: string) => {
    const response = await app.request(path, { method })
    return [response.status, await response.text(), response.headers.get('x-seen')]
  }
}

test('a path leads to the same place every time, with its own parameters', async () => {
  const ask = stage()
  for (const _time of [1, 2, 3]) {
    expect(await ask('POST', '/v1/hosts/status')).toEqual([200, 'status', 'yes'])
    expect(await ask('POST', '/v1/hosts/a/1/drain')).toEqual([200, 'drain a 1', 'yes'])
    expect(await ask('POST', '/v1/hosts/b/2/drain')).toEqual([200, 'drain b 2', 'yes'])
    expect(await ask('GET', '/v1/hosts/b/2')).toEqual([200, 'show 2', 'yes'])
    expect(await ask('GET', '/v1/hosts/b/2/drain')).toEqual([404, '404 Not Found', 'yes'])
    expect(await ask('GET', `/v1/hosts/b/${'9'.repeat(500)}`)).toEqual([
      200,
      `show ${'9'.repeat(500)}`,
      'yes',
    ])
  }
})

test('a stranger’s thousand paths change nothing of it', async () => {
  const ask = stage()
  for (let n = 0; n < 1_000; n += 1)
    expect(await ask('GET', `/v1/hosts/x/${n}`)).toEqual([200, `show ${n}`, 'yes'])
  expect(await ask('POST', '/v1/hosts/status')).toEqual([200, 'status', 'yes'])
})
