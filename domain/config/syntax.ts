import { isScalar, visit, type Document } from 'yaml'

/** Something wrong with the text as YAML, at an offset. */
export interface SyntaxProblem {
  offset: number
  message: string
}

const WORDS: Record<string, string> = {
  DUPLICATE_KEY: 'this field stands here twice',
  MULTIPLE_DOCS: 'expected one document, found another one after ---',
  TAB_AS_INDENT: 'expected spaces, found a tab as indentation',
}

export function syntaxProblems(document: Document): SyntaxProblem[] {
  const found = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    offset: pos[0],
    message: WORDS[code] ?? `no valid YAML: ${message}`,
  }))
  return [...found, ...prototypes(document), ...looseAliases(document)]
}

/** The parser notices these only when it makes values, and then forgets where they stand. */
function looseAliases(document: Document): SyntaxProblem[] {
  const found: SyntaxProblem[] = []
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return
      found.push({
        offset: alias.range?.[0] ?? 0,
        message: `expected an anchor &${alias.source} above, found none`,
      })
    },
  })
  return found
}

/** zod passes over this one name without a word, so a fleet or tag of that name would be lost. */
function prototypes(document: Document): SyntaxProblem[] {
  const found: SyntaxProblem[] = []
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__') {
        found.push({ offset: key.range?.[0] ?? 0, message: 'expected another name, found __proto__' })
      }
    },
  })
  return found
}
