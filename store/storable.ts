/**
 * Text as both databases can hold it: PostgreSQL refuses NUL characters, in JSON too, and a lone surrogate is no UTF-8.
 */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\uFFFD')

/** Every parameter goes through here, so that no text of an agent or a visitor can make a query fail. */
export const storable = (parameter: unknown): unknown =>
  typeof parameter === 'string' ? storableText(parameter) : parameter
