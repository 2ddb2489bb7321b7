import { crc32, deflateSync } from 'node:zlib'

export type Colour = [red: number, green: number, blue: number]

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const PALETTE_COLOURS = 3

/**
 * A PNG of two colours, one bit a pixel. {@link https://www.w3.org/TR/png-3/}
 *
 * @param width pixels, a multiple of 8
 * @param rows one buffer of width / 8 bytes for each row, the leftmost pixel in the highest bit
 */
export function twoColourPng(width: number, rows: Buffer[], back: Colour, front: Colour): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(rows.length, 4)
  header.set([1, PALETTE_COLOURS, 0, 0, 0], 8)
  // Every row begins with its filter: 0, none.
  const pixels = deflateSync(Buffer.concat(rows.flatMap((row) => [Buffer.of(0), row])))
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from([...back, ...front])),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'ascii'), data])
  const framed = Buffer.alloc(typed.length + 8)
  framed.writeUInt32BE(data.length, 0)
  typed.copy(framed, 4)
  framed.writeUInt32BE(crc32(typed), typed.length + 4)
  return framed
}
