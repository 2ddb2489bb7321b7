/** What a scenario is there for. */
export interface Expected {
  /** Two activities, one after the other: in the other order its replay must fail. Of a single one, its name. */
  asked: [string, string] | [string]
  /** Of its story (story.ts), in this order, with anything between. */
  told: string[]
}

const LAUNCHES: Record<string, Expected> = {
  'ready-retired': {
    asked: ['launchInstance', 'awaitRunning'],
    told: ['launchInstance launched', 'becomeReady done', 'update retire', 'completed'],
  },
  'mute-retried': {
    asked: ['captureEvidence', 'deleteInstance'],
    told: ['timer "boot deadline" fired', 'captureEvidence', 'timer "back-off" fired', 'becomeReady done'],
  },
  'started-with-deadline': {
    asked: ['awaitRunning', 'becomeReady'],
    told: ['timer "boot deadline" fired', 'signal started', 'becomeReady done'],
  },
  'started-early': {
    asked: ['launchInstance', 'becomeReady'],
    told: ['signal started', 'launchInstance launched', 'becomeReady done'],
  },
  'started-and-adopted': {
    asked: ['findInstances', 'becomeReady'],
    told: ['signal started', 'launchInstance timed out', 'findInstances 1', 'becomeReady done'],
  },
  'unclear-adopted': {
    asked: ['findInstances', 'awaitRunning'],
    told: ['launchInstance timed out', 'findInstances 1', 'signal started', 'becomeReady done'],
  },
  'unclear-without-instance': {
    asked: ['findInstances', 'deleteInstance'],
    told: [
      'launchInstance unclear',
      'findInstances 0',
      'timer "look again for the instance" fired',
      'findInstances 0',
      'deleteInstance',
      'launchInstance launched',
    ],
  },
  'unclear-found-late': {
    asked: ['findInstances', 'captureEvidence'],
    told: ['findInstances 0', 'findInstances 1', 'captureEvidence', 'deleteInstance'],
  },
  'unclear-found-two': {
    asked: ['findInstances', 'deleteInstance'],
    told: ['findInstances 0', 'findInstances 2', 'deleteInstance'],
  },
  'out-of-stock': {
    asked: ['launchInstance', 'planLaunch'],
    told: ['launchInstance refused capacity', 'planLaunch placed', 'launchInstance launched'],
  },
  held: {
    asked: ['planLaunch', 'launchInstance'],
    told: [
      'planLaunch wait',
      'timer "no placement is free" fired',
      'planLaunch placed',
      'launchInstance launched',
    ],
  },
  'account-refused': {
    asked: ['launchInstance', 'planLaunch'],
    told: [
      'launchInstance refused account',
      'timer "the account was refused" fired',
      'planLaunch placed',
      'launchInstance launched',
    ],
  },
  'refused-continued': {
    asked: ['planLaunch', 'launchInstance'],
    told: ['timer "the account was refused" fired', 'goes on as a new run', 'planLaunch placed'],
  },
  'retired-while-waiting': {
    asked: ['launchInstance', 'deleteInstance'],
    told: ['update retire', 'timer "the account was refused" given up', 'deleteInstance', 'completed'],
  },
  'place-refused': {
    asked: ['launchInstance', 'planLaunch'],
    told: ['launchInstance refused request', 'planLaunch placed', 'launchInstance launched'],
  },
  'cancelled-in-launch': {
    asked: ['findInstances', 'deleteInstance'],
    told: ['launchInstance timed out', 'findInstances 1', 'deleteInstance', 'cancelled'],
  },
  'cancelled-while-booting': {
    asked: ['awaitRunning', 'deleteInstance'],
    told: ['timer "boot deadline" given up', 'deleteInstance', 'cancelled'],
  },
  'lost-while-booting': {
    asked: ['awaitRunning', 'deleteInstance'],
    told: ['awaitRunning gone', 'deleteInstance'],
  },
  'address-late': {
    asked: ['awaitRunning', 'becomeReady'],
    told: ['awaitRunning timed out', 'awaitRunning running', 'signal started', 'becomeReady done'],
  },
  'address-missing': {
    asked: ['awaitRunning', 'captureEvidence'],
    told: ['awaitRunning timed out', 'awaitRunning timed out', 'captureEvidence', 'deleteInstance'],
  },
  'lost-when-ready': {
    asked: ['becomeReady', 'deleteInstance'],
    told: ['becomeReady gone', 'deleteInstance'],
  },
  'dead-end': {
    asked: ['becomeReady', 'watchAgent'],
    told: ['becomeReady failed', 'timer "becomeReady failed" fired', 'becomeReady done'],
  },
}

const WATCHES: Record<string, Expected> = {
  'silent-heard': {
    asked: ['inspectSilent', 'watchAgent'],
    told: ['watchAgent timed out', 'inspectSilent alive', 'signal heard', 'timer "silent" given up'],
  },
  'silent-replaced': {
    asked: ['judgeSilence', 'captureEvidence'],
    told: ['timer "silent" fired', 'judgeSilence replace', 'captureEvidence', 'becomeReady done'],
  },
  'silent-continued': {
    asked: ['judgeSilence', 'captureEvidence'],
    told: ['timer "silent" fired', 'goes on as a new run', 'judgeSilence replace', 'becomeReady done'],
  },
  'silence-spared': {
    asked: ['judgeSilence', 'inspectSilent'],
    told: [
      'judgeSilence wait',
      'timer "judge the silence again" fired',
      'judgeSilence wait',
      'timer "judge the silence again" fired',
      'inspectSilent alive',
      'judgeSilence wait',
      'signal heard',
      'timer "judge the silence again" given up',
    ],
  },
  'silent-lost': {
    asked: ['inspectSilent', 'deleteInstance'],
    told: ['watchAgent timed out', 'inspectSilent gone', 'deleteInstance'],
  },
  'retired-while-silent': {
    asked: ['inspectSilent', 'renewDeadMan'],
    told: [
      'inspectSilent alive',
      'renewDeadMan done',
      'renewDeadMan done',
      'update retire',
      'deleteInstance',
    ],
  },
  'dead-man-renewed': {
    asked: ['watchAgent', 'renewDeadMan'],
    told: [
      'timer "renew the release time" fired',
      'renewDeadMan done',
      'renewDeadMan done',
      'deleteInstance',
    ],
  },
  'dead-man-lost': {
    asked: ['renewDeadMan', 'deleteInstance'],
    told: ['renewDeadMan gone', 'watchAgent given up', 'deleteInstance'],
  },
  'watch-reopened': {
    asked: ['watchAgent', 'deleteInstance'],
    told: ['watchAgent failed', 'timer "open the watch again" fired', 'watchAgent given up'],
  },
  'known-by-address': {
    asked: ['becomeReady', 'awaitLost'],
    told: ['becomeReady done', 'timer "end of this run" given up', 'awaitLost given up', 'deleteInstance'],
  },
  'address-then-agent': {
    asked: ['awaitLost', 'watchAgent'],
    told: [
      'signal started',
      'becomeReady done',
      'signal started',
      'awaitLost given up',
      'watchAgent given up',
    ],
  },
  'address-lost': {
    asked: ['awaitLost', 'deleteInstance'],
    told: ['awaitLost gone', 'deleteInstance'],
  },
  'address-continued': {
    asked: ['becomeReady', 'awaitLost'],
    told: ['awaitLost given up', 'goes on as a new run', 'awaitLost given up', 'deleteInstance'],
  },
  'long-story': {
    asked: ['becomeReady', 'watchAgent'],
    told: ['watchAgent given up', 'goes on as a new run', 'update retire', 'watchAgent given up'],
  },
}

const ENDS: Record<string, Expected> = {
  drained: {
    asked: ['tellAgent', 'deleteInstance'],
    told: ['update drain', 'tellAgent', 'signal drained', 'timer "draining" given up', 'becomeReady done'],
  },
  'drain-lost': {
    asked: ['awaitLost', 'deleteInstance'],
    told: [
      'update retire',
      'timer "draining" fired',
      'awaitLost gone',
      'timer "drain deadline" given up',
      'completed',
    ],
  },
  'drain-overdue': {
    asked: ['tellAgent', 'deleteInstance'],
    told: ['update retire', 'tellAgent', 'timer "drain deadline" fired', 'deleteInstance', 'completed'],
  },
  reclaimed: {
    asked: ['watchAgent', 'tellAgent'],
    told: ['signal reclaimNotice', 'tellAgent', 'signal drained', 'deleteInstance', 'becomeReady done'],
  },
  'reclaimed-while-draining': {
    asked: ['watchAgent', 'tellAgent'],
    told: [
      'tellAgent',
      'signal reclaimNotice',
      'timer "draining" given up',
      'signal drained',
      'timer "draining" given up',
      'deleteInstance',
    ],
  },
  'failed-preserved': {
    asked: ['captureEvidence', 'preserveInstance'],
    told: ['signal workloadFailed', 'captureEvidence', 'preserveInstance done', 'becomeReady done'],
  },
  'failed-and-gone': {
    asked: ['captureEvidence', 'preserveInstance'],
    told: ['signal workloadFailed', 'captureEvidence', 'preserveInstance gone', 'timer "back-off" given up'],
  },
  'evidence-missing': {
    asked: ['captureEvidence', 'deleteInstance'],
    told: ['captureEvidence failed', 'deleteInstance', 'timer "back-off" given up'],
  },
  'cancelled-while-ready': {
    asked: ['watchAgent', 'deleteInstance'],
    told: ['watchAgent given up', 'deleteInstance', 'cancelled'],
  },
  'not-deleted': {
    asked: ['watchAgent', 'deleteInstance'],
    told: ['update retire', 'deleteInstance failed', 'completed'],
  },
  'last-words': {
    asked: ['deleteInstance', 'recordHost'],
    told: ['update retire', 'signal started', 'deleteInstance', 'recordHost', 'completed'],
  },
}

export const EXPECTED_HOSTS: Readonly<Record<string, Expected>> = { ...LAUNCHES, ...WATCHES, ...ENDS }
