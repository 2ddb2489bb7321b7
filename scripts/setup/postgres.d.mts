/** Types of postgres.mjs for the TypeScript files that use it; the words are there. */
export declare function startPostgres(): Promise<{ url: string; stop(): Promise<void> }>
