import type { MachineSpec } from '../contract.ts'
import { bootText, serviceLine } from './boot-text.ts'
import { createSerialConsole } from './console.ts'
import type { SerialConsole } from './console.ts'

/** The serial console of one machine through its boots. */
export interface BootConsole {
  /** A new boot: the text starts over. */
  boot(at: Date): void
  /** A line of the agent's service. */
  line(text: string): void
  /** The last 64 KiB since the last boot; empty before the first. */
  text(): string
}

/** The kernel's and systemd's lines before the agent's first tell of this much time. */
const BOOT_TEXT_MS = 4_700

/** Machines without an agent process write nothing beyond their boot: that text is made when somebody asks. */
export function createBootConsole(spec: MachineSpec): BootConsole {
  let bootedAt: Date | undefined
  let written: SerialConsole | undefined
  return {
    boot(at) {
      bootedAt = at
      written = undefined
    },
    line(text) {
      const at = (bootedAt ??= new Date())
      written ??= begun(spec, at)
      written.write(serviceLine(text, Date.now() - at.getTime() + BOOT_TEXT_MS))
    },
    text: () => written?.text() ?? (bootedAt === undefined ? '' : bootText(spec, bootedAt)),
  }
}

function begun(spec: MachineSpec, at: Date): SerialConsole {
  const console = createSerialConsole()
  console.write(bootText(spec, at))
  return console
}
