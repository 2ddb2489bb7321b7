import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { MusterError } from '../../domain/errors.ts'
import type { AppEnv } from '../deps.ts'
import { invalid } from '../errors.ts'
import type { Asker, FleetAction, HostAction } from '../operator/actions.ts'
import { requireFormToken, requireOperator, requireSameOrigin } from '../operator/auth.ts'
import type { OperatorContext } from '../operator/context.ts'
import { overrideBody } from '../operator/fleet-schemas.ts'
import { releaseHold } from '../operator/holds.ts'
import { idOf } from '../operator/read.ts'
import { preserveBody, resizeBody, whyBody } from '../operator/schemas.ts'
import { updateOf, type FleetFormKind } from './fleet-forms.ts'
import { readForm } from './forms.ts'
import type { HostActionKind } from './host-actions.ts'

const HOUR_MS = 3_600_000

const fields = z.strictObject({
  form: z.string(),
  key: z.uuid(),
  why: z.string(),
  size: z.string().optional(),
  hours: z.string().optional(),
  /** The box "without draining". */
  atOnce: z.literal('yes').optional(),
  /** The box "hosts of this spec, too". */
  force: z.literal('yes').optional(),
})
type Fields = z.output<typeof fields>

/** `POST /fleets/{name}/{resize|pause|roll…}` from the forms of the fleet's page. */
export async function changeFleet(
  { deps, actions }: OperatorContext,
  c: Context<AppEnv>,
  name: string,
  kind: FleetFormKind,
): Promise<Response> {
  const form = await readOwnForm(deps.publicUrl, c)
  await actions.onFleet(name, fleetAction(kind, form), askerOf(c, form))
  return c.redirect(`/fleets/${name}?done=${kind}`, 303)
}

/** `POST /hosts/{fleet}/{slot}/{action}` from the page that asks whether to. */
export async function changeHost(
  { deps, actions }: OperatorContext,
  c: Context<AppEnv>,
  params: { fleet: string; slot: string },
  kind: HostActionKind,
): Promise<Response> {
  const form = await readOwnForm(deps.publicUrl, c)
  const host = idOf(params)
  await actions.onHost(host, hostAction(kind, form), askerOf(c, form))
  return c.redirect(`/hosts/${host}?done=${kind}`, 303)
}

/** `POST /holds/{id}/release` from the page that asks why. */
export async function changeHold(
  { deps }: OperatorContext,
  c: Context<AppEnv>,
  id: number,
): Promise<Response> {
  const form = await readOwnForm(deps.publicUrl, c)
  await releaseHold(deps, id, read(whyBody, { why: form.why }).why, askerOf(c, form))
  return c.redirect('/?done=release', 303)
}

/** A form that carries a reason and nothing else. @throws MusterError as every form of ours */
export async function readWish(
  publicUrl: string | undefined,
  c: Context<AppEnv>,
): Promise<{ why: string; asker: Asker }> {
  const form = await readOwnForm(publicUrl, c)
  return { ...read(whyBody, { why: form.why }), asker: askerOf(c, form) }
}

/** The form of an operator, sent from a page of their own session. */
async function readOwnForm(publicUrl: string | undefined, c: Context<AppEnv>): Promise<Fields> {
  const actor = c.get('actor')
  if (actor.by !== 'session') {
    throw new MusterError('forbidden', 'forms belong to a session in a browser; programs post to /v1')
  }
  requireSameOrigin(c, publicUrl)
  requireOperator(actor)
  const form = await readForm(c, fields)
  requireFormToken(actor, form.form)
  return form
}

function fleetAction(form: FleetFormKind, { why, size, force, hours }: Fields): FleetAction {
  const kind = updateOf(form)
  switch (kind) {
    case 'resize':
      return { kind, ...read(resizeBody, { why, size: numberOf(size) }) }
    case 'roll':
      return { kind, ...read(whyBody, { why }), force: force !== undefined }
    case 'overrideFreeze':
      return { kind, ...read(overrideBody, { why, forMs: Math.round(numberOf(hours) * HOUR_MS) }) }
    case 'pause':
    case 'resume':
    case 'rollback':
      return { kind, ...read(whyBody, { why }) }
    default:
      return kind satisfies never
  }
}

function hostAction(kind: HostActionKind, { why, atOnce, hours }: Fields): HostAction {
  const reason = read(whyBody, { why })
  switch (kind) {
    case 'drain':
      return { kind, ...reason }
    case 'replace':
    case 'retire':
      return { kind, ...reason, drain: atOnce === undefined }
    case 'preserve':
      return { kind, ...read(preserveBody, { why, forMs: Math.round(numberOf(hours) * HOUR_MS) }) }
  }
}

/** An empty or missing number field is no number, not 0. */
const numberOf = (text: string | undefined): number => (text?.trim() ? Number(text) : Number.NaN)

function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw invalid('the form', result.error)
  return result.data
}

const askerOf = (c: Context<AppEnv>, { key }: Fields): Asker => ({
  actor: c.get('actor'),
  requestId: c.get('requestId'),
  idempotencyKey: key,
})
