/** Seeded randomness: the same seed gives the same ids, delays and faults. */
export interface Random {
  /** [0, 1). */
  next(): number
  /** Whole number in [0, below). */
  integer(below: number): number
  /** `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string
  /** Standard normal deviate. */
  normal(): number
}

/** sfc32 seeded through a string hash: small, quick, good enough for ids and delays; not for secrets. */
export function createRandom(seed: string): Random {
  let [a, b, c, d] = hashed(seed)
  function next(): number {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let round = 0; round < 16; round += 1) next()
  const integer = (below: number): number => Math.floor(next() * below)
  return {
    next,
    integer,
    text: (length, alphabet) =>
      Array.from({ length }, () => alphabet.charAt(integer(alphabet.length))).join(''),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}

function hashed(seed: string): [number, number, number, number] {
  let h = 0x811c9dc5
  const lane = (salt: string): number => {
    for (const char of salt + seed) h = Math.imul(h ^ (char.codePointAt(0) ?? 0), 0x01000193)
    return h | 0
  }
  return [lane('a'), lane('b'), lane('c'), lane('d')]
}
