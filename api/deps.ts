import type { HttpBindings } from '@hono/node-server'
import type { Client } from '@temporalio/client'
import type { Store } from '../store/contract.ts'
import type { Actor } from './operator/actor.ts'

/** What an API process is made of. Time and randomness come in here, so that tests can hold them. */
export interface ApiDeps {
  /** Names this process in pulses and logs; another one for every process. */
  id: string
  /** The installation: tokens of another one are refused. */
  controller: string
  temporal: Client
  namespace: string
  store: Store
  /** Key id → secret of enrollment tokens. At most two: the one in use and the one before it. */
  enrollmentKeys: Readonly<Record<string, string>>
  identity: { privateIp: 'off' | 'allow' }
  /** Base URL as people and agents reach it through proxies; absent: as the socket listens. */
  publicUrl?: string
  /** CIDR ranges or addresses whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[]
  /** Base URL of the Temporal UI, for links of the dashboard. */
  temporalUiUrl?: string
  /** How often an agent beats whose spec cannot be read, in seconds; also the measure of keep-alive. */
  heartbeatSeconds: number
  /** How often a pulse is written, ms; default 3 s. */
  pulseEveryMs?: number
  operatorAuth: OperatorAuthOptions
  /** Posts of one agent: default 5 a second, 30 at once. */
  agentRate?: Rate
  /** ms since 1970. */
  clock: () => number
  log: Log
}

export interface OperatorAuthOptions {
  /** Accepted in addition to the tokens of the store, as operator `dev`: `muster dev` prints it with its link. */
  devToken?: string
}

export interface Rate {
  perSecond: number
  burst: number
}

/** The part of pino that is used here. */
export interface Log {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** What a request carries through its handlers. */
export interface AppEnv {
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    /** Set by the guard of operator routes and pages. */
    actor: Actor
  }
}
