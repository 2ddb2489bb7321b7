import { GLYPH_HEIGHT, GLYPH_WIDTH, hasDot } from './font.ts'
import { twoColourPng } from './png.ts'
import type { Colour } from './png.ts'

const COLUMNS = 80
const LINES = 33
/** Each dot is 2 × 2 pixels; a cell leaves one dot free at its right and below. */
const DOT = 2
const CELL_WIDTH = (GLYPH_WIDTH + 1) * DOT
const CELL_HEIGHT = (GLYPH_HEIGHT + 1) * DOT
const WIDTH = COLUMNS * CELL_WIDTH
const HEIGHT = LINES * CELL_HEIGHT

const COLOURS: Record<'linux' | 'windows', [back: Colour, front: Colour]> = {
  linux: [
    [0, 0, 0],
    [170, 170, 170],
  ],
  windows: [
    [0, 78, 152],
    [255, 255, 255],
  ],
}

/** A PNG of the screen: the last lines of the console on a text screen of 80 × 33. */
export function drawScreen(consoleText: string, os: 'linux' | 'windows'): Buffer {
  const lines = lastLines(consoleText)
  const rows = Array.from({ length: HEIGHT }, (_, y) => drawRow(lines[Math.floor(y / CELL_HEIGHT)] ?? '', y))
  return twoColourPng(WIDTH, rows, ...COLOURS[os])
}

function lastLines(text: string): string[] {
  const wrapped = text
    .slice(-COLUMNS * LINES * 2)
    .split(/\r?\n/)
    .flatMap((line) => line.match(/.{1,80}/g) ?? [''])
  return wrapped.slice(-LINES)
}

function drawRow(line: string, y: number): Buffer {
  const row = Buffer.alloc(WIDTH / 8)
  const dotY = Math.floor((y % CELL_HEIGHT) / DOT)
  if (dotY >= GLYPH_HEIGHT) return row
  for (let x = 0; x < line.length * CELL_WIDTH; x += 1) {
    const dotX = Math.floor((x % CELL_WIDTH) / DOT)
    if (dotX >= GLYPH_WIDTH || !hasDot(line.charAt(Math.floor(x / CELL_WIDTH)), dotX, dotY)) continue
    row[x >> 3] = (row[x >> 3] ?? 0) | (0x80 >> (x & 7))
  }
  return row
}
