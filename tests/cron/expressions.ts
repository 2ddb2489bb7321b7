/** Expressions that between them use all of the grammar and all that is special about days; all of them right. */
export const EXPRESSIONS: readonly string[] = [
  '* * * * * *',
  '*/10 * * * * *',
  '5,35 * * * * ?',
  '0 * * * * *',
  '0 */5 * * * *',
  '30 7/7 * * * *',
  '0 0 * * * *',
  '0 30 * * * *',
  '0 0 0 * * *',
  '0 30 0 * * *',
  '0 30 1 * * *',
  '0 0 2 * * *',
  '0 30 2 * * *',
  '0 30 23 * * *',
  '0 */20 0-4/2 * * *',
  '0 0 12 13 * 5',
  '0 30 1 1-7 * SUN',
  '0 0 12 */2 * 1',
  '0 0 12 1/2 * 1',
  '0 0 12 1,* * Sat',
  '0 0 0 29 2 *',
  '0 0 0 29 2 */7',
  '0 0 0 31 2 *',
  '0 0 0 31 2,4 mon',
  '0 15 10 ? * MON-FRI',
  '0 30 2 * * 0',
  '0 0 12 * * 0',
  '0 0 12 * * 6',
  '0 0 0 ? 3,nov sun',
  '0 0 3 , * mon',
  '0 30 4 1 *',
  '0 0 3 , * *',
  '*/7 */11 */5 */3 */2 */2',
  '@daily',
  '@weekly',
  '@yearly',
]

/** More of them, for when there is time. */
export const MORE_EXPRESSIONS: readonly string[] = [
  '0 59 23 * * *',
  '59 59 * * * *',
  '0 0 1 * * *',
  '0 0 3 * * *',
  '0 15,45 1-3 * * *',
  '0 0 */6 * * *',
  '0 0 12 1-31/2 * 1',
  '@hourly',
  '@monthly',
  '0 0 3 1-31 * 2',
  '0 0 0 31 * *',
  '0 0 3 1,, * *',
]

/** Those that tell most about a change of clocks, and are taken in zones where the server goes wrong. */
export const TELLING: readonly string[] = [
  '* * * * * *',
  '0 */5 * * * *',
  '30 7/7 * * * *',
  '0 30 1 * * *',
  '0 0 3 * * *',
  '0 30 1 1-7 * SUN',
  '0 30 23 * * *',
  '0 0 12 * * 0',
  '0 0 12 * * 6',
  '0 0 12 13 * 5',
  '0 0 12 */2 * 1',
]

/** Counted from an anchor. */
export const EVERY: readonly string[] = ['@every 1h30m', '@every 500ms', '@every 7m13.9s', '@every 36h']
