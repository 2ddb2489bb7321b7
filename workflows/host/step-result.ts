import type { Happening } from '../../domain/host/events.ts'

/** What a step has brought about; undefined: nothing, look at the state again. */
export type StepResult = Happening | undefined
