import type { Emulator } from '../../emulator/index.ts'

/** The example's second host stays mute the first time: what Muster is for can be watched. */
export function muteOnce({ emulator }: { emulator?: Emulator }): void {
  emulator?.addFault({
    id: 'example-mute',
    match: { tags: { 'muster:host': 'demo/00002', 'muster:attempt': 1 } },
    count: 1,
    effect: { type: 'muteAgent' },
  })
}
