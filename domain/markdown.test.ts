import { expect, test } from 'vitest'
import { asMarkdown } from './markdown.ts'

test.each([
  ['mute for 20:00: no "started"', 'mute for 20:00: no "started"'],
  ['[Approve](https://evil.example)', String.raw`\[Approve\](https://evil.example)`],
  ['![x](https://evil.example/x.png)', String.raw`\!\[x\](https://evil.example/x.png)`],
  ['<b>bold</b> **bold** `code` a\\b', String.raw`\<b\>bold\</b\> \*\*bold\*\* \`code\` a\\b`],
])('%s stays text', (text, markdown) => {
  expect(asMarkdown(text)).toBe(markdown)
})
