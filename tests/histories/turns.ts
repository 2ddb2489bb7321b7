/** Of every answer that leads a workflow elsewhere; an empty one: there is but one. */
const ANSWERS: Record<string, string[]> = {
  planLaunch: ['placed', 'wait'],
  launchInstance: [
    'launched',
    'refused capacity',
    'refused account',
    'refused request',
    'unclear',
    'timed out',
  ],
  findInstances: ['0', '1', '2'],
  awaitRunning: ['running', 'gone', 'timed out'],
  becomeReady: ['done', 'gone', 'failed'],
  watchAgent: ['timed out', 'failed', 'given up'],
  awaitLost: ['gone', 'given up'],
  renewDeadMan: ['done', 'gone'],
  inspectSilent: ['alive', 'gone'],
  judgeSilence: ['wait', 'replace'],
  captureEvidence: ['', 'failed'],
  preserveInstance: ['done', 'gone'],
  deleteInstance: ['', 'failed'],
  awaitFleetChange: ['', 'given up'],
  retireHosts: ['', 'failed'],
  performAction: ['', 'failed'],
  reportStatus: ['', 'opened', 'resolved', 'failed'],
}

/** Every wait, by the summary of its timer. */
const WAITS = [
  'no placement is free',
  'the account was refused',
  'back-off',
  'look again for the instance',
  'boot deadline',
  'silent',
  'judge the silence again',
  'draining',
  'drain deadline',
  'open the watch again',
  'renew the release time',
  'becomeReady failed',
  'look again',
]

const ENDS = ['completed', 'failed', 'cancelled', 'goes on as a new run']

/** What some stored history must tell (story.ts): all that a workflow may come across. */
export const TURNS: readonly string[] = [
  ...Object.entries(ANSWERS).flatMap(([activity, answers]) =>
    answers.map((answer) => `${activity} ${answer}`.trim()),
  ),
  ...WAITS.map((what) => `timer "${what}" fired`),
  ...ENDS,
]
