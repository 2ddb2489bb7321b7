/** Types of lifeline.mjs for the TypeScript files that use it; the words are there. */
export declare function tieToThisProcess(
  pid: number,
  options?: {
    signal?: 'TERM' | 'INT' | 'QUIT' | 'KILL'
    group?: boolean
    graceSeconds?: number
    removeFolder?: string
  },
): { release(): void }
