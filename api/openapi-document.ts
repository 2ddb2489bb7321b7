import type { OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from './deps.ts'
import { SECURITY } from './openapi.ts'
import { SESSION_COOKIE } from './operator/auth.ts'

/** Serves the description of all routes as OpenAPI 3.1. */
export function addDocument(app: OpenAPIHono<AppEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', SECURITY.agent, {
    type: 'http',
    scheme: 'bearer',
    description: 'The enrollment token in the user data of an instance',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', SECURITY.operator, {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of a viewer or operator',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', SECURITY.session, {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'What a browser gets at /login for a token: signed, for twelve hours, ended with its token',
  })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version: '1',
      description:
        'Keeps fleets of cloud hosts alive. Agents post to /v1/agent, people and programs use the rest. A method that ' +
        'is not described for a path is answered 405; `Allow` names those that are.',
    },
    tags: [
      { name: 'agent', description: 'What the agent on each host calls' },
      { name: 'fleets', description: 'Named sets of equal hosts' },
      { name: 'hosts', description: 'One slot of a fleet each' },
      { name: 'holds', description: 'Launches that the breaker has stopped' },
      { name: 'audit', description: 'Who changed what, and why' },
      { name: 'schedules', description: 'What happens when, as the config says' },
      { name: 'process', description: 'Of this API process' },
    ],
  })
}
