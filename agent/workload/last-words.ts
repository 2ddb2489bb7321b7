import type { Readable } from 'node:stream'
import { writeAll } from '../write-all.ts'

const STDERR = 2
/** UTF-8 takes up to four bytes a character. */
const KEPT_BYTES = 1_200
const MAX_CHARACTERS = 300
/** A workload may have read the enrollment token from the metadata service: it must not reach a journal. */
const TOKEN = /v1\.[\w-]+\.[\w-]+\.[\w-]+/g

export interface LastWords {
  /** What came last, on one line, at most 300 characters. */
  text(): string
  /** When no more can come. */
  readonly ended: Promise<void>
}

/** Passes a program's error output on to the agent's own and remembers the end of it. */
export function hearLastWords(errors: Readable): LastWords {
  let tail = Buffer.alloc(0)
  errors.on('data', (chunk: Buffer) => {
    tail = Buffer.from(Buffer.concat([tail, chunk]).subarray(-KEPT_BYTES))
    writeAll(STDERR, chunk)
  })
  // A pipe that breaks is at its end, no reason for the agent to die; 'close' follows.
  errors.on('error', () => undefined)
  return {
    text: () =>
      tail.toString('utf8').replaceAll(TOKEN, '[cut]').replaceAll(/\s+/g, ' ').trim().slice(-MAX_CHARACTERS),
    ended: new Promise((resolve) => errors.once('close', resolve)),
  }
}
