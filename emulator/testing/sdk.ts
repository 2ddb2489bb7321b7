import { createRequire } from 'node:module'
import type * as EcsModule from '@alicloud/ecs20140526'
import { $OpenApiUtil } from '@alicloud/openapi-core'
import type { Emulator, EmulatorOptions } from '../index.ts'
import { startEmulator } from '../index.ts'
import { createRecordingRoom } from './recording-room.ts'
import type { RecordingRoom } from './recording-room.ts'

type EcsExports = typeof EcsModule.default
export type EcsClient = InstanceType<EcsExports['default']>

/** By require: loaders disagree on where an import of this CommonJS package has its default export. */
export const Ecs = createRequire(import.meta.url)('@alicloud/ecs20140526') as EcsExports

/** The real SDK, pointed at an emulator. */
export function sdkClient(emulator: Emulator, more: Record<string, unknown> = {}): EcsClient {
  return new Ecs.default(
    new $OpenApiUtil.Config({
      ...emulator.credentials,
      endpoint: emulator.endpoint,
      protocol: 'http',
      regionId: 'cn-hangzhou',
      readTimeout: 5000,
      connectTimeout: 2000,
      ...more,
    }),
  )
}

/** An emulator whose machines only note their orders and whose clock is immediate. */
export async function startTestEmulator(
  options: Partial<EmulatorOptions> = {},
): Promise<{ emulator: Emulator; room: RecordingRoom; client: EcsClient }> {
  const room = createRecordingRoom()
  const emulator = await startEmulator({
    machineRoom: room,
    stateDir: '',
    seed: 'test',
    clockPolicy: 'immediate',
    defaultBehaviour: { agent: 'none' },
    ...options,
  })
  return { emulator, room, client: sdkClient(emulator) }
}

/** A launch that works in the default catalogue. */
export const GOOD_LAUNCH = {
  regionId: 'cn-hangzhou',
  zoneId: 'cn-hangzhou-g',
  imageId: 'm-bp1linux0000000000000',
  instanceType: 'ecs.c7.large',
  securityGroupId: 'sg-bp1default00000000000',
  vSwitchId: 'vsw-bp1default0000000000g',
}

/** The cloud's error code of a call that must fail. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
  throw new Error('The call succeeded, though it should not have.')
}

/** Waits until `look` gives something, with a deadline. */
export async function until<T>(
  look: () => T | Promise<T>,
  what: string,
  deadlineMs = 5000,
): Promise<NonNullable<T>> {
  const endsAt = Date.now() + deadlineMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== null && seen !== false) return seen
    if (Date.now() > endsAt) throw new Error(`Not within ${deadlineMs} ms: ${what}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 10)
    })
  }
}
