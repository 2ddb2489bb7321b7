/** One API call as it came and went. */
export interface RecordedCall {
  n: number
  at: string
  action: string
  accessKeyId: string
  /** As sent; what {@link shownCall} hides is in it. */
  parameters: Record<string, string>
  status: number
  /** `OK`, the cloud's error code, or what became of the connection: `hang`, `reset`. */
  outcome: string
  requestId: string
  durationMs: number
  faultId?: string | undefined
}

export interface Recorder {
  add(call: Omit<RecordedCall, 'n'>): void
  /** Oldest first; only the last ones are kept. */
  calls(): RecordedCall[]
  /** Of all calls since the start or the last reset: action → outcome → count. */
  counts(): Record<string, Record<string, number>>
  /** Calls of an action that ended well. */
  succeeded(action: string): number
}

/** @param kept how many calls are kept; counts know them all. */
export function createRecorder(kept: number): Recorder {
  const calls: RecordedCall[] = []
  const counts = new Map<string, Map<string, number>>()
  let total = 0
  return {
    add(call) {
      calls.push({ n: (total += 1), ...call })
      // Dropped in blocks: shifting one at a time would cost each call the whole list.
      if (calls.length > kept * 1.25) calls.splice(0, calls.length - kept)
      const ofAction = counts.get(call.action) ?? new Map<string, number>()
      counts.set(call.action, ofAction.set(call.outcome, (ofAction.get(call.outcome) ?? 0) + 1))
    },
    calls: () => calls.slice(-kept),
    counts: () =>
      Object.fromEntries([...counts].map(([action, outcomes]) => [action, Object.fromEntries(outcomes)])),
    succeeded: (action) => counts.get(action)?.get('OK') ?? 0,
  }
}

const SECRET = new Set(['UserData', 'Password', 'SecurityToken', 'Signature'])

/** A call without what must not be read by chance: user data carries enrollment tokens. */
export function shownCall(call: RecordedCall): RecordedCall {
  const parameters = Object.fromEntries(
    Object.entries(call.parameters).map(([name, value]) => [
      name,
      SECRET.has(name) ? `(${value.length} characters)` : value,
    ]),
  )
  return { ...call, parameters }
}
