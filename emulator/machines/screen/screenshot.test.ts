import { crc32, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { drawScreen } from './screenshot.ts'

interface Chunk {
  type: string
  data: Buffer
}

/** Reads a PNG by the book: signature, chunks with their check sums. */
function readPng(png: Buffer): Chunk[] {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const chunks: Chunk[] = []
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    const typed = png.subarray(at + 4, at + 8 + length)
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(typed))
    chunks.push({ type: typed.toString('latin1', 0, 4), data: typed.subarray(4) })
    at += 12 + length
  }
  return chunks
}

function pixelsOf(png: Buffer): Buffer {
  const data = readPng(png).filter((chunk) => chunk.type === 'IDAT')
  return inflateSync(Buffer.concat(data.map((chunk) => chunk.data)))
}

describe('a screenshot', () => {
  const png = drawScreen('[    0.000000] Linux version\r\nlogin: ', 'linux')

  test('is a valid PNG of 640 × 396', () => {
    const chunks = readPng(png)
    expect(chunks.map((chunk) => chunk.type)).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND'])
    expect([chunks[0]?.data.readUInt32BE(0), chunks[0]?.data.readUInt32BE(4)]).toEqual([640, 396])
    expect(pixelsOf(png)).toHaveLength(396 * (640 / 8 + 1))
  })

  test('shows the letters of the console', () => {
    const rowBytes = 640 / 8 + 1
    const firstLetter = Array.from(
      { length: 5 },
      (_, dot) => (pixelsOf(drawScreen('L', 'linux'))[dot * 2 * rowBytes + 1] ?? 0) >> 2,
    )
    // Two pixels a dot: a column on the left, a bar at the foot.
    expect(firstLetter).toEqual([0b110000, 0b110000, 0b110000, 0b110000, 0b111111])
  })

  test('shows the last lines of a long console', () => {
    const long = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n')
    const end = Array.from({ length: 33 }, (_, line) => `line ${line + 67}`).join('\n')
    expect(drawScreen(long, 'linux')).toEqual(drawScreen(end, 'linux'))
  })

  test('has other colours for Windows', () => {
    expect(drawScreen('', 'windows')).not.toEqual(drawScreen('', 'linux'))
    expect(pixelsOf(drawScreen('', 'linux')).every((byte) => byte === 0)).toBe(true)
  })
})
