const SPECIAL = /[\\`*_[\]<>!|~]/g

/**
 * Text of others as Markdown that shows it as it is: in the Temporal UI, details and summaries are Markdown, and what an
 * agent says must not become a link or an image there.
 */
export const asMarkdown = (text: string): string => text.replace(SPECIAL, String.raw`\$&`)
