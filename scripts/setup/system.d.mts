/** Types of system.mjs for the TypeScript files that use it; the words are there. */
export declare function findChromium(): Promise<string>
export declare function findSchemathesis(): Promise<string>
