import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { MusterError } from '../../domain/errors.ts'

const schema = z.strictObject({
  enrollmentKeys: z.record(z.string(), z.string()),
  /** The key new launches are signed with. */
  currentKeyId: z.string(),
  emulator: z.strictObject({ accessKeyId: z.string(), accessKeySecret: z.string() }),
})

export type DevSecrets = z.infer<typeof schema>

/** The dev stack's own secrets, made once and kept in its state folder: agents that run keep their tokens over a restart. */
export function devSecrets(file: string): DevSecrets {
  if (existsSync(file)) return readSecrets(file)
  const secrets: DevSecrets = {
    enrollmentKeys: { dev1: randomBytes(32).toString('base64url') },
    currentKeyId: 'dev1',
    emulator: {
      accessKeyId: `LTAI5t${randomBytes(9).toString('hex')}`,
      accessKeySecret: randomBytes(20).toString('base64url'),
    },
  }
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  return secrets
}

/** @throws MusterError `bad_config` for a file that this program did not write */
export function readSecrets(file: string): DevSecrets {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new MusterError(
      'bad_config',
      `cannot use the kept secrets in ${file}: begin anew with --fresh, or use another folder with --state`,
      { cause },
    )
  }
}
