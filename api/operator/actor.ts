/** A person or program that operates Muster. */
export interface Actor {
  name: string
  role: 'viewer' | 'operator'
  /** How they showed themselves: a session's posts need its form token. */
  by: 'token' | 'session'
  /** Proves that a form came from a page of ours; only for sessions. */
  formToken?: string
}
