import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const schema = z.object({ formerPort: z.number() })

/** Where the API of this state listens: hosts that are kept look for it there. */
export interface PortsFile {
  /** Empty before the first run. */
  read(): { formerPort?: number }
  write(ports: { formerPort: number }): void
}

export function portsFile(file: string): PortsFile {
  return {
    read: () => (existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {}),
    write: (ports) => writeFileSync(file, `${JSON.stringify(ports)}\n`),
  }
}
