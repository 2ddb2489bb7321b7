import type { Random } from '../random.ts'

const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz'
const HEX = '0123456789abcdef'

/** Names in the cloud's own shapes. */
export interface Ids {
  /** `i-bp1` and 17 base-36 characters. */
  instance(regionPrefix: string): string
  networkInterface(regionPrefix: string): string
  event(regionPrefix: string): string
  /** 00:16:3e:…, the cloud's own vendor prefix. */
  mac(): string
  /** A lower-case UUID. */
  serialNumber(): string
  /** An upper-case UUID. */
  requestId(): string
}

export function createIds(random: Random): Ids {
  const tail = (prefix: string): string => `${prefix}${random.text(17, BASE36)}`
  const uuid = (): string =>
    `${random.text(8, HEX)}-${random.text(4, HEX)}-4${random.text(3, HEX)}-${random.text(1, '89ab')}${random.text(3, HEX)}-${random.text(12, HEX)}`
  const pair = (): string => random.text(2, HEX)
  return {
    instance: (prefix) => `i-${tail(prefix)}`,
    networkInterface: (prefix) => `eni-${tail(prefix)}`,
    event: (prefix) => `e-${tail(prefix)}`,
    mac: () => `00:16:3e:${pair()}:${pair()}:${pair()}`,
    serialNumber: uuid,
    requestId: () => uuid().toUpperCase(),
  }
}
