import { expect, test } from 'vitest'
import { Ecs, GOOD_LAUNCH, startTestEmulator } from './testing/sdk.ts'

test('two thousand launches, one instance each, take well below ten seconds', async () => {
  const { emulator, client } = await startTestEmulator()
  const startedAt = performance.now()
  for (let made = 0; made < 2000; made += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        client.runInstances(
          new Ecs.RunInstancesRequest({
            ...GOOD_LAUNCH,
            clientToken: `token-${made + n}`,
            tag: [new Ecs.RunInstancesRequestTag({ key: 'muster:host', value: `big/${made + n}` })],
          }),
        ),
      ),
    )
  }
  const launchedMs = performance.now() - startedAt
  expect(emulator.cloud.instances.size).toBe(2000)
  for (let n = 0; n < 200; n += 1) {
    const found = await client.describeInstances(
      new Ecs.DescribeInstancesRequest({
        regionId: 'cn-hangzhou',
        tag: [new Ecs.DescribeInstancesRequestTag({ key: 'muster:host', value: `big/${n * 10}` })],
      }),
    )
    expect(found.body!.totalCount).toBe(1)
  }
  const describedMs = performance.now() - startedAt - launchedMs
  await emulator.close()
  expect(launchedMs).toBeLessThan(10_000)
  expect(describedMs).toBeLessThan(5000)
})
