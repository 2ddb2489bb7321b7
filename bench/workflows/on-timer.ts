import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow'

/** Tells the worker's process of each timer that a workflow starts, so that the next message comes when it is waited for. */
export interface TimerSinks extends Sinks {
  timers: { started(summary: string): void }
}

const { timers } = proxySinks<TimerSinks>()

export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      startTimer(input, next) {
        timers.started(input.options?.summary ?? '')
        return next(input)
      },
    },
  ],
})
