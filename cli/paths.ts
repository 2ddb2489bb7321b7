import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(fileURLToPath(new URL('.', import.meta.url)), '..')

/** The agent as machines run it: `npm run build:agent`. */
export const agentBundle = join(root, 'dist', 'agent.cjs')

export const defaultConfigFile = join(root, 'examples', 'demo.yaml')
