/**
 * An answer that is no success. Statuses are those of the API's OpenAPI document; the words are our reading where it has
 * none (422 lists sentences as Rails does).
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly said: string | string[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, said: string | string[], headers: Record<string, string> = {}) {
    super([said].flat().join('; '))
    this.status = status
    this.said = said
    this.headers = headers
  }
}

export const notFound = (): Refusal => new Refusal(404, 'The requested resource could not be found.')

export const invalid = (problems: string[]): Refusal => new Refusal(422, problems)
