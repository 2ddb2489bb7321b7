/** Search attributes of host workflows and their Temporal types, as `muster temporal setup` registers them. */
export const SEARCH_ATTRIBUTES = {
  MusterFleet: 'Keyword',
  MusterPhase: 'Keyword',
  MusterZone: 'Keyword',
  MusterInstanceType: 'Keyword',
  MusterInstanceId: 'Keyword',
  MusterPrivateIp: 'Keyword',
  MusterImage: 'Keyword',
  MusterFailure: 'Keyword',
  MusterAttempt: 'Int',
  MusterReadyAt: 'Datetime',
} as const satisfies Record<string, 'Keyword' | 'Int' | 'Datetime'>

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES
