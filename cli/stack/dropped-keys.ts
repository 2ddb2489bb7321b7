import type { KeyInUse, Store } from '../../store/index.ts'

/** Keys that hosts were launched with and that are not among those of the config: nobody can check the tokens of those hosts. */
export const droppedKeys = (inUse: readonly KeyInUse[], known: readonly string[]): KeyInUse[] =>
  inUse.filter(({ keyId }) => !known.includes(keyId))

/** What happened, and what to do: a sentence for people. */
export function droppedKeyText({ keyId, hosts }: KeyInUse): string {
  const whose = hosts === 1 ? '1 host was' : `${hosts} hosts were`
  return `${whose} launched with enrollment key ${keyId}, which api.keys does not name: without it the API refuses their agents, and they fall silent. Put it back, after the new key, until they have been replaced (docs/running.md, "Changing an enrollment key")`
}

/**
 * Tells of each key that is missing. A process that is started goes on all the same: refused, it would hear no host at
 * all, and who drops a key that has leaked means it.
 */
export async function reportDroppedKeys(
  { hosts }: Pick<Store, 'hosts'>,
  known: readonly string[],
  report: (key: KeyInUse, text: string) => void,
): Promise<void> {
  for (const key of droppedKeys(await hosts.keysInUse(), known)) report(key, droppedKeyText(key))
}
