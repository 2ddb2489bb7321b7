import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

/**
 * Names an API process in pulses and logs, to be told from every other one: in containers each has the number 1, and the
 * replica that follows on the same machine may have the name of the last one.
 */
export const newApiId = (): string => `api-${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
