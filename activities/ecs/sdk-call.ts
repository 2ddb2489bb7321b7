import CredentialModule, { Config as CredentialConfig } from '@alicloud/credentials'
import OpenApiModule, { $OpenApiUtil, OpenApiUtil } from '@alicloud/openapi-core'
import { RuntimeOptions } from '@darabonba/typescript'
import type { z } from 'zod'
import type { EcsConfig } from './api.ts'
import { defaultExport } from './default-export.ts'
import { EcsError } from './ecs-error.ts'
import { publicEndpoint } from './endpoint.ts'
import { faultOf } from './fault-of.ts'
import { createThrottleGate } from './throttle-gate.ts'

const OpenApi = defaultExport(OpenApiModule)
const Credential = defaultExport(CredentialModule)

/** Whole answers take well under a second; activities have a start-to-close of 10 s or more. */
const DEFAULT_TIMEOUT_MS = 8_000

/** What every request model of the SDK can do. */
export interface SdkRequest {
  validate(): void
  toMap(): Record<string, unknown>
}

/** @param secrets texts of the request that must not appear in an error */
export type Send = <T>(
  action: string,
  request: SdkRequest,
  schema: z.ZodType<T>,
  secrets?: string[],
) => Promise<T>

/** One request, one answer, one report to `onCall`. */
export function createSend(config: EcsConfig): Send {
  const client = openApiClient(config)
  const gate = createThrottleGate(config.clock ?? Date.now)
  return async (action, request, schema, secrets) => {
    const startedAt = performance.now()
    const report = (code: string, requestId?: string) =>
      config.onCall?.({
        action,
        region: config.region,
        tookMs: performance.now() - startedAt,
        code,
        ...(requestId === undefined ? {} : { requestId }),
      })
    gate.pass(action)
    try {
      request.validate()
      const query = OpenApiUtil.query(request.toMap())
      const answer = await client.callApi(
        params(action),
        new $OpenApiUtil.OpenApiRequest({ query }),
        new RuntimeOptions({}),
      )
      const parsed = schema.safeParse(answer['body'])
      if (!parsed.success) throw notUnderstood(action)
      report('OK', requestIdOf(answer['body']))
      return parsed.data
    } catch (error) {
      const fault = faultOf(error, action, secrets)
      gate.learn(fault)
      report(fault.fault.code, fault.fault.requestId)
      throw fault
    }
  }
}

function openApiClient(config: EcsConfig): InstanceType<typeof OpenApi> {
  const timeoutMs = config.timeoutMs ?? DEFAULT_TIMEOUT_MS
  // The SDK's HTTP client uses the connect timeout as the socket's idle timeout too (measured: an answer after 5 s was
  // lost to a connect timeout of 3 s), so the two cannot differ.
  return new OpenApi(
    new $OpenApiUtil.Config({
      credential: credential(config),
      regionId: config.region,
      endpoint: config.endpoint ?? publicEndpoint(config.region),
      protocol: config.protocol ?? 'https',
      connectTimeout: timeoutMs,
      readTimeout: timeoutMs,
    }),
  )
}

function params(action: string): $OpenApiUtil.Params {
  return new $OpenApiUtil.Params({
    action,
    version: '2014-05-26',
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  })
}

/** Alibaba's default chain, or the given pair. A chain without keys is a person's business, not a lost connection. */
function credential({ credentials }: EcsConfig): InstanceType<typeof Credential> {
  const inner = credentials
    ? new Credential(
        new CredentialConfig({ ...credentials, type: credentials.securityToken ? 'sts' : 'access_key' }),
      )
    : new Credential()
  const getCredential = inner.getCredential.bind(inner)
  inner.getCredential = async () => {
    try {
      return await getCredential()
    } catch {
      // The chain's own error lists paths and quotes answers of the metadata service.
      throw new EcsError({
        action: 'credentials',
        code: 'NoCredentials',
        class: 'account',
        message:
          "no access key found; set ALIBABA_CLOUD_ACCESS_KEY_ID and …_SECRET or another source of Alibaba's default chain",
        maybeDone: false,
      })
    }
  }
  return inner
}

/** An answer that lacks what it must have is none: the call may have been obeyed. */
export function notUnderstood(action: string): EcsError {
  const message = 'the answer lacks what the call must give'
  return new EcsError({ action, code: 'NotUnderstood', class: 'retry', message, maybeDone: true })
}

function requestIdOf(body: unknown): string | undefined {
  const id =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)['RequestId'] : undefined
  return typeof id === 'string' ? id : undefined
}
