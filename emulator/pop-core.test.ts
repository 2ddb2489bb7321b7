import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Emulator } from './index.ts'
import { startTestEmulator, until } from './testing/sdk.ts'

/** The older client, signature 1.0, as its package has it. */
interface PopCore {
  request<T>(action: string, parameters: object, options: { method: string }): Promise<T>
}
type PopCoreClass = new (config: Record<string, string>) => PopCore
const RPCClient = (createRequire(import.meta.url)('@alicloud/pop-core') as { RPCClient: PopCoreClass })
  .RPCClient

let emulator: Emulator
let client: PopCore
beforeAll(async () => {
  ;({ emulator } = await startTestEmulator())
  client = new RPCClient({ ...emulator.credentials, endpoint: emulator.url, apiVersion: '2014-05-26' })
})
afterAll(() => emulator.close())

describe.each(['GET', 'POST'])('pop-core by %s', (method) => {
  test('makes, tags, finds and deletes an instance', async () => {
    const { InstanceIdSets } = await client.request<{ InstanceIdSets: { InstanceIdSet: string[] } }>(
      'RunInstances',
      {
        RegionId: 'cn-hangzhou',
        ImageId: 'm-bp1linux0000000000000',
        InstanceType: 'ecs.c7.large',
        SecurityGroupId: 'sg-bp1default00000000000',
        VSwitchId: 'vsw-bp1default0000000000h',
        Tag: [{ Key: 'by', Value: `pop-core ${method}` }],
      },
      { method },
    )
    const describeTagged = () =>
      client.request<{ TotalCount: number; Instances: { Instance: { InstanceId: string }[] } }>(
        'DescribeInstances',
        { RegionId: 'cn-hangzhou', Tag: [{ Key: 'by', Value: `pop-core ${method}` }] },
        { method },
      )
    const found = await describeTagged()
    expect(found.Instances.Instance.map(({ InstanceId }) => InstanceId)).toEqual(InstanceIdSets.InstanceIdSet)
    await client.request(
      'DeleteInstance',
      { InstanceId: InstanceIdSets.InstanceIdSet[0], Force: true },
      { method },
    )
    await until(async () => (await describeTagged()).TotalCount === 0, 'instance gone')
  })

  test('reads errors', async () => {
    const call = client.request('DeleteInstance', { InstanceId: 'i-none' }, { method })
    await expect(call).rejects.toMatchObject({ code: 'InvalidInstanceId.NotFound' })
  })
})
