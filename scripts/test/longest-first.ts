import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Where single tests take minutes: begun last, each would run alone at the end. */
const LONG = [
  'tests/chaos/whole.test',
  'tests/chaos/',
  'tests/cron/',
  'tests/soak/',
  'tests/cli/',
  'tests/fleet/',
]

/** Begins with the files that take long; the others in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONG.findIndex((part) => moduleId.includes(part))
  return index === -1 ? LONG.length : index
}
