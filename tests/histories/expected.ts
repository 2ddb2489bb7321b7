import { EXPECTED_HOSTS, type Expected } from './expected-hosts.ts'

const FLEETS: Record<string, Expected> = {
  fleet: {
    asked: ['observeFleet', 'retireHosts'],
    told: ['update resize', 'startHosts', 'update pause', 'update resume', 'retireHosts'],
  },
  'fleet-rolled': {
    asked: ['observeFleet', 'replaceHosts'],
    told: ['update apply', 'startHosts', 'replaceHosts', 'retireHosts', 'update mark'],
  },
  'fleet-applied': {
    asked: ['observeFleet', 'applySpecToHosts'],
    told: ['update apply', 'applySpecToHosts', 'retireHosts'],
  },
  'fleet-frozen': {
    asked: ['observeFleet', 'startHosts'],
    told: ['awaitFleetChange', 'update overrideFreeze', 'timer "look again" given up', 'retireHosts'],
  },
  'fleet-over-asked': {
    asked: ['observeFleet', 'retireHosts'],
    told: ['startHosts', 'awaitFleetChange', 'retireHosts', 'update resize', 'retireHosts'],
  },
  'fleet-reclaimed': {
    asked: ['startHosts', 'retireHosts'],
    told: ['awaitFleetChange', 'startHosts', 'retireHosts', 'update resize'],
  },
  'fleet-refused': {
    asked: ['observeFleet', 'retireHosts'],
    told: ['retireHosts failed', 'timer "look again" fired', 'retireHosts'],
  },
  'fleet-continued': {
    asked: ['observeFleet'],
    told: ['update pause', 'update resume', 'goes on as a new run'],
  },
}

const SCHEDULED: Record<string, Expected> = {
  sweep: { asked: ['sweepOrphans'], told: ['sweepOrphans', 'completed'] },
  action: { asked: ['performAction'], told: ['performAction', 'completed'] },
  'action-refused': { asked: ['performAction'], told: ['performAction failed', 'failed'] },
  'report-opens': { asked: ['reportStatus'], told: ['reportStatus opened', 'completed'] },
  'report-resolves': { asked: ['reportStatus'], told: ['reportStatus resolved', 'completed'] },
  'report-idle': { asked: ['reportStatus'], told: ['reportStatus', 'completed'] },
  'report-refused': { asked: ['reportStatus'], told: ['reportStatus failed', 'failed'] },
}

/** By scenario: one that silently turns into another would keep nobody from breaking what it was recorded for. */
export const EXPECTED: Readonly<Record<string, Expected>> = {
  ...EXPECTED_HOSTS,
  ...FLEETS,
  ...SCHEDULED,
}
