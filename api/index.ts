import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { MusterError } from '../domain/errors.ts'
import { createBeatBuffer } from './agent/beat-buffer.ts'
import { createCommandWatch } from './agent/command-watch.ts'
import type { AgentContext } from './agent/context.ts'
import { matchClaims } from './agent/legacy-status.ts'
import { agentRoutes } from './agent/routes.ts'
import { createSpecReader } from './agent/spec-reader.ts'
import { createHostSummaryReader } from './agent/host-summary-reader.ts'
import { createTellHeard } from './agent/tell-heard.ts'
import { createFailureReporter } from './agent/workload-failure.ts'
import { createBackground } from './background.ts'
import type { Background } from './background.ts'
import { createAddressReader } from './client-address.ts'
import { dashboardPages, isPagePath } from './dashboard/index.ts'
import { errorPage } from './dashboard/error-page.ts'
import type { ApiDeps, AppEnv } from './deps.ts'
import { jsonError, logError, refuseInvalid, toMusterError } from './errors.ts'
import { healthRoutes } from './health.ts'
import { createMetrics } from './metrics.ts'
import type { Metrics } from './metrics.ts'
import { observe } from './observe.ts'
import { addDocument } from './openapi-document.ts'
import { createActions } from './operator/actions.ts'
import { createOperatorAuth } from './operator/auth.ts'
import type { OperatorContext } from './operator/context.ts'
import { fleetRoutes } from './operator/fleet-routes.ts'
import { auditRoutes } from './operator/audit.ts'
import { holdRoutes } from './operator/hold-routes.ts'
import { hostRoutes } from './operator/host-routes.ts'
import { scheduleRoutes } from './operator/schedule-routes.ts'
import { createPulse, PULSE_EVERY_MS } from './pulse.ts'
import { createReachability } from './reachability.ts'
import { createRememberingRouter } from './remembering-router.ts'
import { createHostCalls } from './temporal/host-calls.ts'

export type { ApiDeps } from './deps.ts'

/** Commands, claims and facts: what is due within 2 s. */
const TICK_MS = 1_000
const BEATS_EVERY_MS = 5_000

export interface Api {
  app: OpenAPIHono<AppEnv>
  /** Pulses, batched beats, commands and claims. Requests are answered without it, more slowly. */
  background: Background
  metrics: Metrics
  /** From now on `/readyz` says no: load balancers send their requests elsewhere. */
  beginClosing(): void
}

/**
 * The whole API as one Hono app: agent routes, operator routes, dashboard, health. Nothing is started or opened here.
 *
 * @throws MusterError `bad_config` for trusted proxies that cannot be read
 */
export function createApp(deps: ApiDeps): Api {
  const metrics = createMetrics(deps.store, deps.clock)
  const addressOf = createAddressReader(deps.trustedProxies)
  const reach = createReachability(deps)
  const pulse = createPulse(deps, reach)
  const auth = createOperatorAuth(deps, addressOf)
  const operator: OperatorContext = { deps, auth, actions: createActions(deps, metrics) }
  const calls = createHostCalls(deps.temporal, (call) => metrics.temporalErrors.inc({ call }))
  const agent: AgentContext = {
    deps,
    metrics,
    pulse,
    calls,
    beats: createBeatBuffer(deps.store),
    commands: createCommandWatch(deps),
    readSpec: createSpecReader(deps.store),
    readHostSummary: createHostSummaryReader(deps.store),
    tellHeard: createTellHeard(calls),
    reportFailure: createFailureReporter(calls, deps.agentRate),
  }
  let closing = false

  const app = baseApp(deps, metrics)
  app.route('/', agentRoutes(agent, addressOf))
  app.route('/', fleetRoutes(operator))
  app.route('/', hostRoutes(operator))
  app.route('/', holdRoutes(operator))
  app.route('/', scheduleRoutes(operator))
  app.route('/', auditRoutes(operator))
  const { authenticate } = auth
  app.route('/', healthRoutes({ reach, metrics, addressOf, authenticate, isClosing: () => closing }))
  app.route('/', dashboardPages(operator))
  addDocument(app)
  return { app, metrics, background: backgroundOf(agent), beginClosing: () => void (closing = true) }
}

/** What holds for every request: its id and metrics, errors as JSON (or a page for a page), 404 and 405. */
function baseApp({ log }: ApiDeps, metrics: Metrics): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid, router: createRememberingRouter() })
  app.use(observe(metrics))
  app.onError((thrown, c) => {
    const error = toMusterError(thrown)
    logError(log, c, error)
    return isPagePath(c.req.path) ? errorPage(c, error) : jsonError(c, error)
  })
  app.notFound(answerUnknown(app))
  return app
}

/** A path that is known by other methods is 405 with those; asked only here, it costs no other request anything. */
function answerUnknown(app: OpenAPIHono<AppEnv>): (c: Context<AppEnv>) => Promise<Response> {
  const withMethods = methodNotAllowed<AppEnv>({
    app,
    onMethodNotAllowed(c, methods) {
      const allow = methods.join(', ')
      const error = new MusterError('method_not_allowed', `${c.req.path} takes only ${allow}`)
      return jsonError(c, error, { allow })
    },
  })
  return async function answer(c) {
    const error = new MusterError('not_found', `there is nothing at ${c.req.path}; see /openapi.json`)
    c.res = isPagePath(c.req.path) ? await errorPage(c, error) : jsonError(c, error)
    await withMethods(c, () => Promise.resolve())
    return c.res
  }
}

function backgroundOf(context: AgentContext): Background {
  const { deps, beats, commands, pulse } = context
  const tasks = [
    { name: 'commands', everyMs: TICK_MS, run: () => commands.refresh() },
    { name: 'facts', everyMs: TICK_MS, run: () => beats.flushFacts(deps.clock()), atStop: true },
    { name: 'beats', everyMs: BEATS_EVERY_MS, run: () => beats.flushBeats(), atStop: true },
    { name: 'pulse', everyMs: deps.pulseEveryMs ?? PULSE_EVERY_MS, run: () => pulse.beat() },
    ...(deps.identity.privateIp === 'allow'
      ? [{ name: 'claims', everyMs: TICK_MS, run: () => matchClaims(context) }]
      : []),
  ]
  return createBackground(tasks, deps.log)
}
