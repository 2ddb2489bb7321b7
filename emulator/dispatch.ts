import { setTimeout as sleep } from 'node:timers/promises'
import { isV3 } from './authenticate.ts'
import type { Authenticator } from './authenticate.ts'
import type { Engine } from './engine.ts'
import { CloudError, refuse } from './errors.ts'
import { strike, type Conditions } from './faults/strike.ts'
import { readParameters, SYSTEM_PARAMETERS } from './fields.ts'
import type { Parameters as CallParameters } from './fields.ts'
import { errorReply, successReply } from './format/reply.ts'
import type { Format, Reply } from './format/reply.ts'
import { faultSubjects } from './faults/subjects.ts'
import { OPERATIONS, isAction } from './operations/table.ts'
import type { Action } from './operations/table.ts'
import { allParameters, header } from './request.ts'
import type { ApiRequest } from './request.ts'

const VERSION = '2014-05-26'

/** What becomes of a connection. `hang` without seconds lasts until the client gives up. */
export type Outcome =
  | { kind: 'reply'; reply: Reply }
  | { kind: 'reset' }
  | { kind: 'hang'; seconds?: number | undefined }

export interface DispatchContext {
  engine: Engine
  authenticator: Authenticator
  wallNow: () => number
  log: (event: { message: string }) => void
}

/** One API call from request to answer, in the order the cloud looks at it. */
export async function dispatch(context: DispatchContext, request: ApiRequest): Promise<Outcome> {
  const { engine } = context
  const startedAtMs = context.wallNow()
  const requestId = engine.cloud.ids.requestId()
  const record = { action: '', accessKeyId: '', parameters: {}, faultId: undefined as string | undefined }
  let format: Format = 'JSON'
  let outcome: Outcome
  let code = 'OK'
  try {
    format = formatOf(request)
    record.accessKeyId = context.authenticator.authenticate(request).accessKeyId
    const action = detect(request, record)
    const parameters = readParameters(OPERATIONS[action].fields, businessParameters(request))
    record.parameters = Object.fromEntries(parameters.sent)
    engine.rateLimiter.check(action, parameters.text('RegionId', ''))
    const fault = engine.cloud.faults.forCall(action, faultSubjects(engine.cloud, action, parameters))
    record.faultId = fault?.id
    const call = { action, parameters, accessKeyId: record.accessKeyId }
    outcome = await strike(
      fault,
      (conditions) => run(engine, call, conditions),
      (body) => successReply(format, action, requestId, body),
    )
  } catch (error) {
    const shown = asCloudError(error, context)
    code = shown.code
    outcome = { kind: 'reply', reply: errorReply(format, shown, requestId, hostOf(request)) }
  }
  engine.recorder.add({
    ...record,
    action: record.action || '(none)',
    at: new Date(startedAtMs).toISOString(),
    status: outcome.kind === 'reply' ? outcome.reply.status : 0,
    outcome: outcome.kind === 'reply' ? replyCode(outcome.reply, code) : outcome.kind,
    requestId,
    durationMs: context.wallNow() - startedAtMs,
  })
  return outcome
}

/** Signature 1.0 names its format and means XML without one; version 3 goes by Accept and means JSON. */
function formatOf(request: ApiRequest): Format {
  if (isV3(request)) {
    return (header(request, 'accept') ?? '').includes('xml') ? 'XML' : 'JSON'
  }
  const wanted = (allParameters(request).get('Format') ?? 'XML').toUpperCase()
  if (wanted === 'JSON' || wanted === 'XML') return wanted
  throw refuse('InvalidParameter.Format')
}

/** Finds the action. Version 3 has it in headers; requests of 1.0 may carry the headers too, their parameters count. */
function detect(request: ApiRequest, record: { action: string; parameters: Record<string, string> }): Action {
  const parameters = allParameters(request)
  record.parameters = Object.fromEntries(businessParameters(request))
  const byHeader = isV3(request)
  const version = byHeader ? header(request, 'x-acs-version') : parameters.get('Version')
  const action = byHeader ? header(request, 'x-acs-action') : parameters.get('Action')
  if (!action) throw refuse('MissingParameter', 'Action')
  record.action = action
  if (!version) throw refuse('MissingParameter', 'Version')
  if (version !== VERSION) throw refuse('InvalidVersion')
  if (!isAction(action)) throw refuse('InvalidAction.NotFound')
  return action
}

function businessParameters(request: ApiRequest): Map<string, string> {
  return new Map([...allParameters(request)].filter(([name]) => !SYSTEM_PARAMETERS.has(name)))
}

/** The action itself, once for a client token. */
async function run(
  engine: Engine,
  call: { action: Action; parameters: CallParameters; accessKeyId: string },
  conditions: Conditions,
): Promise<Record<string, unknown>> {
  const { cloud } = engine
  const { action, parameters, accessKeyId } = call
  const operation = OPERATIONS[action]
  const work = async (): Promise<Record<string, unknown>> => {
    if (conditions.delayMs > 0) await sleep(conditions.delayMs)
    return operation.handle({ cloud, parameters, stockOut: conditions.stockOut })
  }
  const token = parameters.text('ClientToken')
  const idempotent = 'idempotent' in operation && token !== undefined && !parameters.flag('DryRun')
  return idempotent ? cloud.tokens.once({ action, accessKeyId, token, sent: parameters.sent }, work) : work()
}

function replyCode(reply: Reply, code: string): string {
  return code === 'OK' && reply.status >= 400 ? `HTTP ${reply.status}` : code
}

function hostOf(request: ApiRequest): string {
  return request.host.replace(/:\d+$/, '')
}

function asCloudError(error: unknown, { log }: DispatchContext): CloudError {
  if (error instanceof CloudError) return error
  log({ message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  // A fault of the emulator's own must not look like one of the cloud's: its text goes to the reader.
  return new CloudError('InternalError', 500, `The emulator failed: ${String(error)}. Please report this.`)
}
