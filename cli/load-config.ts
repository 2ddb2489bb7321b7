import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig, type MusterConfig } from '../domain/config/index.ts'
import { MusterError } from '../domain/errors.ts'
import { defaultConfigFile } from './paths.ts'

export interface LoadedConfig {
  config: MusterConfig
  /** As a person would name the file. */
  file: string
}

/**
 * Reads a config file; without a path that of the example.
 * @throws MusterError `bad_config` with every problem's place, or that the file cannot be read
 */
export async function loadConfig(path?: string): Promise<LoadedConfig> {
  const file = path ?? join('examples', 'demo.yaml')
  return { config: parseConfig(await readText(path ?? defaultConfigFile), file), file }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? String(cause)
    throw new MusterError(
      'bad_config',
      `cannot read the config ${path}: ${reason}; name a YAML file with --config`,
      { cause },
    )
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it is not readable for this user',
}
