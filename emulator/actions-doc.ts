import type { Field } from './fields.ts'
import type { Operation } from './operations/operation.ts'
import { OWNER_FIELDS } from './operations/operation.ts'
import { OPERATIONS } from './operations/table.ts'

/** docs/emulator-actions.md, made from the table that checks requests: it cannot say what is not so. */
export function actionsDocument(): string {
  const operations = Object.entries<Operation>(OPERATIONS)
  return [
    '# Emulated actions',
    '',
    '<!-- Generated from emulator/operations/table.ts by `node emulator/write-actions-doc.ts`; a test compares. -->',
    '',
    `ECS API 2014-05-26: ${operations.length} actions. Any other is answered \`InvalidAction.NotFound\` (404). Every action also`,
    `takes ${Object.keys(OWNER_FIELDS)
      .map((name) => `\`${name}\``)
      .join(', ')}, and ignores them; parameters not`,
    'listed are signed and ignored, as the cloud does.',
    '',
    ...table(
      ['action', 'what it does', 'client token'],
      operations.map(([action, { summary, idempotent }]) => [
        `[${action}](#${action.toLowerCase()})`,
        summary,
        idempotent === true ? 'yes' : '',
      ]),
    ),
    ...operations.flatMap(([action, operation]) => section(action, operation)),
    '',
  ].join('\n')
}

function section(action: string, operation: Operation): string[] {
  const fields = Object.entries<Field>(operation.fields).filter(
    ([name]) => !Object.hasOwn(OWNER_FIELDS, name),
  )
  return [
    '',
    `## ${action}`,
    '',
    ...table(
      ['field', 'type', 'values', 'wrong values answer', 'note'],
      fields.map(([name, field]) => row(name, field)),
    ),
  ]
}

function row(name: string, field: Field): string[] {
  const required = field.required === true ? ' (required)' : ''
  const checked = field.type !== 'string' || field.values !== undefined || field.maxLength !== undefined
  return [
    `\`${name}\`${required}`,
    field.type === 'ids' ? 'JSON list' : field.type,
    range(field),
    field.error ?? (checked ? 'InvalidParameter' : ''),
    field.note ?? '',
  ]
}

/** Columns padded as the formatter would. */
function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
}

function range(field: Field): string {
  if (field.values !== undefined) return field.values.join(', ')
  if (field.maxLength !== undefined) return `at most ${field.maxLength} characters`
  if (field.min !== undefined && field.max !== undefined) return `${field.min} to ${field.max}`
  if (field.max !== undefined) return `at most ${field.max}`
  return field.min === undefined ? '' : `at least ${field.min}`
}
