import { isBroken } from '../check/check-item.ts'
import { checkInstallation } from '../check/check-installation.ts'
import { checkKeys } from '../check/check-keys.ts'
import { tableOfItems } from '../check/table-of-items.ts'
import type { CheckOptions } from '../commands/check.ts'
import { EXIT } from '../failure.ts'
import { loadConfig } from '../load-config.ts'
import { printJson } from '../output.ts'

/** Tells all that is found; exit code 1 when something is wrong, 2 when it is the config itself. */
export async function check(options: CheckOptions): Promise<void> {
  const { config, file } = await loadConfig(options.config)
  const offline = options.offline === true
  const items = [
    ...(await checkInstallation(config, { file, offline })),
    ...(await checkKeys(config, { offline, storeFile: options.store })),
  ]
  const broken = isBroken(items)
  if (options.json) printJson({ ok: !broken, items })
  else console.log(tableOfItems(items))
  process.exitCode = broken ? EXIT.failed : EXIT.ok
}
