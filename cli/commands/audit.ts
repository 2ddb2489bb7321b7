import { Command } from 'commander'
import { refuseWords, wholeNumber } from '../usage.ts'
import { withApi, type ApiOptions } from './common.ts'

export interface AuditOptions extends ApiOptions {
  target?: string
  who?: string
  limit: number
}

/** Who changed what, and why. */
export function auditCommand(): Command {
  return withApi(new Command('audit'))
    .description('who changed what, and why; the newest last')
    .option('--target TEXT', 'only about this, as in "fleet render" or "host render/00007"')
    .option('--who NAME', 'only what this person, schedule or part did')
    .option('--limit N', 'how many', wholeNumber(1, 1_000), 50)
    .allowExcessArguments()
    .action(async (options: AuditOptions, self: Command) => {
      refuseWords(self)
      await (await import('../actions/audit.ts')).showAudit(options)
    })
}
