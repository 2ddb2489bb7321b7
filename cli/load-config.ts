import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseConfig, type MusterConfig } from '../domain/config/index.ts'
import { MusterError } from '../domain/errors.ts'
import { defaultConfigFile } from './paths.ts'
import { whyUnreadable } from './why-unreadable.ts'

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
  const config = parseConfig(await readText(path ?? defaultConfigFile), file)
  return { config: withPaths(config, dirname(path ?? defaultConfigFile)), file }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new MusterError(
      'bad_config',
      `cannot read the config ${path}: ${whyUnreadable(cause)}; name a YAML file with --config`,
      { cause },
    )
  }
}

/** The files of TLS are next to the config that names them, wherever the process runs. */
function withPaths(config: MusterConfig, folder: string): MusterConfig {
  const { tls } = config.temporal
  if (tls === undefined) return config
  const files = (['caFile', 'certFile', 'keyFile'] as const).flatMap((field) => {
    const path = tls[field]
    return path === undefined ? [] : [[field, resolve(folder, path)]]
  })
  return { ...config, temporal: { ...config.temporal, tls: { ...tls, ...Object.fromEntries(files) } } }
}
