/** How many times as many cases a property is asked with in `npm run test:deep`. */
const DEEP_FACTOR = 20

/**
 * Parameters of a property: the same cases in every run of `npm test`, so that a red one is red again for anyone who
 * looks into it; twenty times as many in the deep tests.
 * @param seed of its own for each property of a file
 * @param numRuns cases in `npm test`; fast-check's own number where nothing is said
 * @example fc.assert(fc.property(anyClaims, check), propertyRuns(1))
 */
export function propertyRuns(seed: number, numRuns = 100): { seed: number; numRuns: number } {
  return { seed, numRuns: process.env['MUSTER_DEEP'] ? numRuns * DEEP_FACTOR : numRuns }
}
