import type { HostMachineEvent } from '../../domain/host/events.ts'

type WithoutTime<E> = E extends HostMachineEvent ? Omit<E, 'at'> : never

/** What a step has brought about; undefined: nothing, look at the state again. */
export type StepResult = WithoutTime<HostMachineEvent> | undefined
