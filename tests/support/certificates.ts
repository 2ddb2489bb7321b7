import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface Certificate {
  cert: string
  key: string
}

/** An authority that signs for a test: everything it makes lies in the folder. */
export interface Authority {
  /** Path of its own certificate. */
  ca: string
  /** @param names as in `subjectAltName`: `DNS:temporal.test,IP:127.0.0.1` */
  sign(name: string, names: string): Certificate
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

export function createAuthority(folder: string, name: string): Authority {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
  openssl('req', '-x509', ...NEW_KEY, '-subj', `/CN=${name}`, '-days', '2', ...files)
  return {
    ca: join(folder, `${name}.pem`),
    sign(whose, names) {
      const path = `${name}-${whose}`
      openssl('req', ...NEW_KEY, '-subj', `/CN=${whose}`, '-keyout', `${path}.key`, '-out', `${path}.csr`)
      writeFileSync(join(folder, `${path}.ext`), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`)
      const signed = ['-CA', `${name}.pem`, '-CAkey', `${name}.key`, '-CAcreateserial', '-days', '2']
      openssl(
        'x509',
        '-req',
        '-in',
        `${path}.csr`,
        ...signed,
        '-extfile',
        `${path}.ext`,
        '-out',
        `${path}.pem`,
      )
      return { cert: join(folder, `${path}.pem`), key: join(folder, `${path}.key`) }
    },
  }
}
