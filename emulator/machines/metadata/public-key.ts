import { generateKeyPairSync } from 'node:crypto'

let body: string | undefined

/** An OpenSSH line for a key pair's name. The key is the emulator's own, made once a process: nobody holds its half. */
export function publicKeyText(name: string): string {
  body ??= makeBody()
  return `ssh-ed25519 ${body} ${name}`
}

/** Two length-prefixed fields, RFC 8709 §4: the name of the algorithm and the 32 bytes at the end of the SPKI. */
function makeBody(): string {
  const spki = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })
  return Buffer.concat([field(Buffer.from('ssh-ed25519')), field(spki.subarray(-32))]).toString('base64')
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
