import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'

const LINUX_BOOT_ID = '/proc/sys/kernel/random/boot_id'
/** Two readings of the same boot's instant differ by clock corrections only. */
const SAME_BOOT_MS = 120_000

/**
 * An id that is new at every boot of the operating system and the same for every run of the agent within one.
 * Linux has one; elsewhere the instant of the boot is kept in the state folder with an id made for it.
 */
export async function readBootId(stateDir: string, nowMs: number): Promise<string> {
  try {
    return readFileSync(LINUX_BOOT_ID, 'utf8').trim()
  } catch {
    return await bootIdByUptime(stateDir, nowMs - uptime() * 1000)
  }
}

/** @param bootedAtMs instant of the boot, epoch milliseconds, as well as the system knows it */
export async function bootIdByUptime(stateDir: string, bootedAtMs: number): Promise<string> {
  const file = join(stateDir, 'boot.json')
  const kept = readKept(file)
  if (kept !== undefined && Math.abs(kept.bootedAtMs - bootedAtMs) < SAME_BOOT_MS) return kept.bootId
  // Loaded only here: node:crypto takes 5 ms of the start.
  const { randomUUID } = await import('node:crypto')
  const made = { bootId: randomUUID(), bootedAtMs }
  mkdirSync(stateDir, { recursive: true })
  writeFileSync(file, JSON.stringify(made))
  return made.bootId
}

function readKept(file: string): { bootId: string; bootedAtMs: number } | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as { bootId?: unknown; bootedAtMs?: unknown }
    if (typeof value.bootId !== 'string' || typeof value.bootedAtMs !== 'number') return undefined
    return { bootId: value.bootId, bootedAtMs: value.bootedAtMs }
  } catch {
    // Absent at the first boot; broken counts as absent: a new id is always right, only less thrifty.
    return undefined
  }
}
