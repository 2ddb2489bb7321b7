import type { Cloud } from '../cloud/cloud.ts'
import type { Fields, Parameters } from '../fields.ts'

/** What an action works with. */
export interface OperationContext {
  cloud: Cloud
  parameters: Parameters
  /** Set by a stock-out fault: nothing can be made in this call. */
  stockOut: boolean
}

/** One action of the API: what it takes and what it does. */
export interface Operation {
  /** One line for the generated table. */
  summary: string
  fields: Fields
  /** Honours ClientToken. */
  idempotent?: true
  handle(context: OperationContext): Record<string, unknown>
}

/** Parameters every action takes and none needs. */
export const OWNER_FIELDS = {
  OwnerAccount: { type: 'string', note: 'ignored' },
  OwnerId: { type: 'integer', note: 'ignored' },
  ResourceOwnerAccount: { type: 'string', note: 'ignored' },
  ResourceOwnerId: { type: 'integer', note: 'ignored' },
} as const satisfies Fields

export const REGION_FIELD = { type: 'string', required: true } as const
export const CLIENT_TOKEN_FIELD = {
  type: 'string',
  maxLength: 64,
  error: 'InvalidClientToken.ValueNotSupported',
} as const
