import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { AppEnv } from '../deps.ts'
import { lengthGuard } from '../length-guard.ts'
import { viewerGuard } from '../operator/guard.ts'
import type { OperatorContext } from '../operator/context.ts'
import { holdParams } from '../operator/hold-schemas.ts'
import { scheduleParams } from '../operator/schedule-schemas.ts'
import { fleetParams, hostParams } from '../operator/schemas.ts'
import { assetRoutes } from './assets.ts'
import { changeFleet, changeHold, changeHost } from './changes.ts'
import { FLEET_FORMS } from './fleet-forms.ts'
import { HOST_ACTIONS } from './host-actions.ts'
import { readPath, showAudit, showConfirm, showFleet, showFleets, showHost, showRelease } from './show.ts'
import { askSchedule, SCHEDULE_FORMS, showSchedules } from './schedules.ts'
import { logIn, logInByLink, logOut } from './session.ts'

/** Everything is served by this process; nothing inline, so that a text from outside can never run. */
const pageHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'same-origin',
  // Decided by whoever ends TLS in front of this.
  strictTransportSecurity: false,
})

/** True for addresses that people open: their errors are pages. */
export const isPagePath = (path: string): boolean =>
  path === '/' || /^\/(fleets|hosts|holds|schedules|audit|login|logout)(\/|$)/.test(path)

/** The dashboard: plain pages that work without JavaScript. */
export function dashboardPages(context: OperatorContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.route('/', assetRoutes())
  for (const path of [
    '/',
    '/fleets/*',
    '/hosts/*',
    '/holds/*',
    '/schedules/*',
    '/audit',
    '/login',
    '/logout',
  ])
    app.use(path, pageHeaders)
  addSession(app, context)
  addPages(app, context)
  addForms(app, context)
  return app
}

function addSession(app: Hono<AppEnv>, context: OperatorContext): void {
  const form = lengthGuard('application/x-www-form-urlencoded')
  app.post('/login', form, (c) => logIn(context, c))
  app.post('/logout', form, (c) => logOut(context, c))
  app.get('/login', (c) => c.redirect('/', 303))
  app.get('/', async function readLink(c, next) {
    const token = c.req.query('token')
    if (token !== undefined) return await logInByLink(context, c, token)
    return await next()
  })
}

function addPages(app: Hono<AppEnv>, context: OperatorContext): void {
  const viewer = viewerGuard(context.auth.authenticate)
  app.get('/', viewer, (c) => showFleets(context, c))
  app.get('/fleets', (c) => c.redirect('/', 303))
  app.get('/schedules', viewer, (c) => showSchedules(context, c))
  app.get('/audit', viewer, (c) => showAudit(context, c))
  app.get('/fleets/:name', viewer, (c) => showFleet(context, c))
  app.get('/hosts/:fleet/:slot', viewer, (c) => showHost(context, c))
  app.get('/holds/:id/release', viewer, (c) => showRelease(context, c))
  for (const [kind] of HOST_ACTIONS) {
    app.get(`/hosts/:fleet/:slot/${kind}`, viewer, (c) => showConfirm(context, c, kind))
  }
}

function addForms(app: Hono<AppEnv>, context: OperatorContext): void {
  const viewer = viewerGuard(context.auth.authenticate)
  const form = lengthGuard('application/x-www-form-urlencoded')
  for (const kind of FLEET_FORMS) {
    app.post(`/fleets/:name/${kind}`, viewer, form, (c) =>
      changeFleet(context, c, readPath(c, fleetParams).name, kind),
    )
  }
  for (const kind of SCHEDULE_FORMS) {
    app.post(`/schedules/:name/${kind}`, viewer, form, (c) =>
      askSchedule(context, c, readPath(c, scheduleParams).name, kind),
    )
  }
  app.post('/holds/:id/release', viewer, form, (c) =>
    changeHold(context, c, Number(readPath(c, holdParams).id)),
  )
  for (const [kind] of HOST_ACTIONS) {
    app.post(`/hosts/:fleet/:slot/${kind}`, viewer, form, (c) =>
      changeHost(context, c, readPath(c, hostParams), kind),
    )
  }
}
