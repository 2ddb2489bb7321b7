import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig, toFleetSpecs } from './index.ts'

function example(name: string) {
  return parseConfig(
    readFileSync(join(import.meta.dirname, '..', '..', 'examples', name), 'utf8'),
    `examples/${name}`,
  )
}

test('examples/demo.yaml is three hosts on the emulator with the deadline of 20 minutes', () => {
  const config = example('demo.yaml')
  expect(config.cloud).toEqual({ kind: 'emulator', region: 'cn-hangzhou' })
  const [demo, ...others] = toFleetSpecs(config)
  expect(others).toEqual([])
  expect(demo).toMatchObject({ name: 'demo', size: 3, host: { bootTimeoutMs: 1_200_000 } })
})

test('examples/alibaba.yaml is the real cloud, with defaults merged into every fleet', () => {
  const config = example('alibaba.yaml')
  expect(config.cloud.kind).toBe('alibaba')
  const [windows, render] = toFleetSpecs(config)
  expect(windows).toMatchObject({
    name: 'build-windows',
    host: {
      os: 'windows',
      bootTimeoutMs: 2_400_000,
      deadManRenewEveryMs: 3_600_000,
      preserveFailedMs: 7_200_000,
      tags: { team: 'rendering' },
    },
  })
  expect(render?.host.placements.map(({ instanceType, spot }) => ({ instanceType, spot }))).toEqual([
    { instanceType: 'ecs.g7.xlarge', spot: {} },
    { instanceType: 'ecs.g7.2xlarge', spot: {} },
    { instanceType: 'ecs.g7.xlarge', spot: undefined },
  ])
  expect(render?.host.systemDisk).toEqual({ category: 'cloud_essd', sizeGiB: 40, performanceLevel: 'PL1' })
})
