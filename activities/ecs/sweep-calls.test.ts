import { describe, expect, test } from 'vitest'
import { scriptedCloud, type WireCall } from '../testing/scripted-cloud.ts'
import type { FreeKind } from './sweep-api.ts'

/** What the cloud answers with for ids of a kind. */
const ANSWERS: Record<FreeKind, { action: string; body: (ids: string[]) => object }> = {
  disk: {
    action: 'DescribeDisks',
    body: (ids) => ({ Disks: { Disk: ids.map((DiskId) => ({ DiskId, Status: 'Available' })) } }),
  },
  interface: {
    action: 'DescribeNetworkInterfaces',
    body: (ids) => ({
      NetworkInterfaceSets: {
        NetworkInterfaceSet: ids.map((NetworkInterfaceId) => ({ NetworkInterfaceId, Status: 'Available' })),
      },
    }),
  },
}

const KINDS: FreeKind[] = ['disk', 'interface']

describe.each(KINDS)('free resources of the kind %s', (kind) => {
  const { action, body } = ANSWERS[kind]
  /** Three pages, each found by the token of the one before. */
  const pages = new Map([
    [null, { ...body(['a', 'b']), NextToken: 'second' }],
    ['second', { ...body(['c']), NextToken: 'third' }],
    ['third', { ...body(['d']), NextToken: '' }],
  ])
  const page = (call: WireCall) =>
    call.respond(200, pages.get(call.query.get('NextToken')) ?? { Code: 'InvalidParameter' })

  test('are those of all pages, each asked for once', async () => {
    const cloud = await scriptedCloud(page)
    const found = await cloud.ecs.freeResources(kind)
    expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
    expect(cloud.calls.map((call) => [call.action, call.query.get('Status')])).toEqual(
      Array.from({ length: 3 }, () => [action, 'Available']),
    )
  })

  test('are none when a later page fails: half a list is no list', async () => {
    const cloud = await scriptedCloud((call) =>
      call.query.has('NextToken') ? call.respond(403, { Code: 'Forbidden.RAM', Message: 'no' }) : page(call),
    )
    await expect(cloud.ecs.freeResources(kind)).rejects.toThrow('Forbidden.RAM')
  })
})
