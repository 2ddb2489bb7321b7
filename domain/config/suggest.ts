/** The known word that a mistyped one is nearest to, when it is near at all. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase()
  const nearest = known
    .map((name) => ({ name, distance: distance(wanted, name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)[0]
  const allowed = Math.max(1, Math.floor(word.length / 3))
  return nearest && nearest.distance <= allowed ? nearest.name : undefined
}

/** Edits from one word to the other, two neighbours changing places counting as one (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i])
  const at = (i: number, j: number): number => rows[i]?.[j] ?? (i < 0 || j < 0 ? Infinity : Math.max(i, j))
  for (let i = 0; i <= a.length; i++) {
    for (let j = i === 0 ? 1 : 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const edits = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1)]
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits.push(at(i - 2, j - 2) + 1)
      const row = rows[i]
      if (row) row[j] = i === 0 ? j : Math.min(...edits)
    }
  }
  return at(a.length, b.length)
}
