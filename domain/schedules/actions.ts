/**
 * What a schedule can do. A kind is added by its input here and an entry in each table that is keyed by kind: words
 * below, fields of the config (`domain/config/schedule-schema.ts`), and what carries it out (`activities/actions/`).
 * The compiler names the tables that lack it.
 */
export interface ActionInputs {
  /** Sets the desired size of a fleet. */
  scale: { fleet: string; size: number }
  /** Replaces a fleet's hosts, a few at a time. */
  roll: { fleet: string }
  /** Looks for instances that no host claims. */
  sweep: Record<string, never>
  /** Makes the status page agree with what is so. */
  report: Record<string, never>
}

export type ActionKind = keyof ActionInputs

/** As the config has it: one key, which is the kind. Plain JSON. */
export type ScheduledAction = { [K in ActionKind]: { [P in K]: ActionInputs[P] } }[ActionKind]

interface ActionFacts<Input> {
  /** What happens, for people. */
  words(input: Input): string
  /** The fleet that it changes. */
  fleet?(input: Input): string
}

export const ACTIONS: { readonly [K in ActionKind]: ActionFacts<ActionInputs[K]> } = {
  scale: {
    words: ({ fleet, size }) => `scale fleet ${fleet} to ${size} host${size === 1 ? '' : 's'}`,
    fleet: ({ fleet }) => fleet,
  },
  roll: { words: ({ fleet }) => `replace all hosts of fleet ${fleet} in turn`, fleet: ({ fleet }) => fleet },
  sweep: { words: () => 'sweep for instances that nobody owns' },
  report: { words: () => 'tell the status page how fleets are' },
}

/** The one kind of an action and its input. */
export function openAction<K extends ActionKind>(
  action: ScheduledAction,
): { kind: K; input: ActionInputs[K] } {
  const [entry] = Object.entries(action) as [K, ActionInputs[K]][]
  if (entry === undefined) throw new TypeError('an action without a kind')
  return { kind: entry[0], input: entry[1] }
}

/** "scale fleet render to 40 hosts" */
export function actionWords(action: ScheduledAction): string {
  const { kind, input } = openAction(action)
  return wordsOf(kind, input)
}

/** The fleet an action changes; undefined when it is about none. */
export function fleetOfAction(action: ScheduledAction): string | undefined {
  const { kind, input } = openAction(action)
  return fleetOf(kind, input)
}

const wordsOf = <K extends ActionKind>(kind: K, input: ActionInputs[K]): string => ACTIONS[kind].words(input)

const fleetOf = <K extends ActionKind>(kind: K, input: ActionInputs[K]): string | undefined =>
  ACTIONS[kind].fleet?.(input)
