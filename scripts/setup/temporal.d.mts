/** Types of temporal.mjs for the TypeScript files that use it; the words are there. */
export declare function findTemporalCli(): Promise<string>
export declare function findTestServer(): Promise<string>
export declare function findProgram(program: {
  name: string
  version: string
  variable: string
  url: string
  requirement: string
  wheelSha256: Record<string, string>
  sha256: Record<string, string>
  complaint: (path: string) => Promise<string | undefined>
}): Promise<string>
