import { z } from '@hono/zod-openapi'
import { STATUS_CODES } from 'node:http'

/** What every answer that is not 2xx looks like (`WireError` of domain/wire.ts). */
export const wireErrorSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.string().openapi({ example: 'bad_request' }),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
      requestId: z.string().optional(),
    }),
  })
  .openapi('Error')

const MEANINGS: Record<number, string> = {
  400: 'The request is not as expected; `details.problems` names each field',
  401: 'No token, or one that is not accepted',
  403: 'Not allowed to do this',
  404: 'Not found',
  409: 'It does not fit what is so now; the text says how',
  410: 'Proven to be over',
  411: 'No Content-Length',
  413: 'The body is too large',
  415: 'The Content-Type is not taken here',
  422: 'Understood and refused by the workflow; the text says why',
  429: 'Too often; `Retry-After` says when to come again',
  500: 'Something unexpected; the log of the API has it under the request id',
  503: 'Temporal or the store did not answer; `Retry-After` says when to come again',
  504: 'No answer in time; the request may still be carried out',
}

type ErrorResponse = {
  description: string
  content: { 'application/json': { schema: typeof wireErrorSchema } }
}

/** The error answers of a route, for its description. */
export function errorAnswers<S extends number>(...statuses: S[]): Record<S, ErrorResponse> {
  const answers = statuses.map((status) => [
    status,
    {
      description: MEANINGS[status] ?? STATUS_CODES[status] ?? String(status),
      content: { 'application/json': { schema: wireErrorSchema } },
    },
  ])
  return Object.fromEntries(answers) as Record<S, ErrorResponse>
}

/** A JSON answer, for the description of a route. */
export const jsonAnswer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A JSON body, for the description of a route. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { 'application/json': { schema } },
})

/** Names of the security schemes in the document. */
export const SECURITY = { agent: 'enrollmentToken', operator: 'operatorToken', session: 'session' } as const
