import { LineCounter, parseDocument, type Document } from 'yaml'
import { MusterError } from '../errors.ts'
import { DEFAULT_KEEP_MS } from '../keep.ts'
import { DEFAULT_SWEEP_POLICY } from '../sweep/types.ts'
import type { SweepPolicy } from '../sweep/types.ts'
import { readWhole } from './all-issues.ts'
import { breakerChecks } from './breaker-checks.ts'
import { defined } from './defined.ts'
import { explain } from './explain.ts'
import { fleetRules } from './fleet-rules.ts'
import { installationRules } from './installation-rules.ts'
import { offsetOf } from './locate.ts'
import { mergeHosts } from './merge-hosts.ts'
import { piecesOf } from './pieces.ts'
import { fieldName, type ConfigProblem, type Finding } from './problem.ts'
import { rolloutChecks } from './rollout-schema.ts'
import type { FileConfig } from './schema.ts'
import { scheduleRules } from './schedule-rules.ts'
import { statuspageRules } from './statuspage-rules.ts'
import { syntaxProblems } from './syntax.ts'
import { temporalRules } from './temporal-rules.ts'
import { temporalSettings } from './temporal-schema.ts'
import { DEFAULT_TIMEZONE } from './to-schedule-specs.ts'
import type { FleetSettings, HostSettings, MusterConfig } from './types.ts'

/** Far beyond any config: a wrong file is refused, not read for minutes. */
const MAX_LENGTH = 1_000_000

/** How often anchors may be repeated before the file is taken for a bomb. */
const MAX_ALIASES = 1_000

/**
 * Text of a YAML config file → config. Nothing is read or looked up.
 *
 * @param fileName for the errors
 * @throws MusterError `bad_config` with every wrong field at once, in the message and as {@link ConfigProblem}s in
 *   `details.problems`
 */
export function parseConfig(text: string, fileName: string): MusterConfig {
  if (text.length > MAX_LENGTH) {
    throw failure([
      {
        file: fileName,
        line: 1,
        column: 1,
        field: '',
        message: `expected at most ${MAX_LENGTH} characters, found ${text.length}`,
      },
    ])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file: fileName, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const syntax = syntaxProblems(document).map(({ offset, message }) => ({
    ...place(offset),
    field: '',
    message,
  }))
  if (syntax.length > 0) throw failure(syntax)
  const { config, findings } = check(
    toValue(document, (message) => failure([{ ...place(0), field: '', message }])),
  )
  if (config) return config
  throw failure(
    findings.map(({ path, message, atKey }) => ({
      ...place(offsetOf(document, path, atKey)),
      field: fieldName(path),
      message,
    })),
  )
}

function toValue(document: Document, failed: (message: string) => MusterError): unknown {
  if (document.contents === null) throw failed('expected a config, found an empty file')
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error))
  }
}

function check(raw: unknown): { config?: MusterConfig; findings: Finding[] } {
  const { data, issues } = readWhole(raw)
  const pieces = piecesOf(raw)
  const findings = [
    ...issues.flatMap((issue) => explain(issue, raw)),
    ...installationRules(pieces),
    ...temporalRules(pieces),
    ...fleetRules(pieces),
    ...breakerChecks(pieces),
    ...rolloutChecks(pieces),
    ...scheduleRules(pieces),
    ...statuspageRules(pieces),
  ]
  return data && findings.length === 0 ? { config: toConfig(data), findings } : { findings }
}

function failure(problems: ConfigProblem[]): MusterError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const texts = sorted.map(({ file, line, column, field, message }) => {
    return `${file}:${line}:${column} ${field === '' ? '' : `${field}: `}${message}`
  })
  const [only] = texts
  const message =
    texts.length === 1 && only !== undefined
      ? `the config is wrong: ${only}`
      : `the config is wrong in ${texts.length} places:\n${texts.map((line) => `  ${line}`).join('\n')}`
  return new MusterError('bad_config', message, { details: { problems: sorted } })
}

function toConfig({
  controller = 'dev',
  temporal,
  cloud,
  store,
  api,
  identity,
  breaker,
  sweep,
  statuspage,
  defaults,
  fleets,
  timezone = DEFAULT_TIMEZONE,
  schedules,
}: FileConfig): MusterConfig {
  const settings = Object.entries(fleets).map(([name, { hosts, ...fleet }]): [string, FleetSettings] => {
    // The rules have seen that nothing is missing.
    const merged = mergeHosts(defaults, hosts) as HostSettings
    return [name, { ...defined(fleet), hosts: merged }]
  })
  return {
    controller,
    temporal: temporalSettings(temporal),
    cloud: defined(cloud),
    store: storeSettings(store),
    api: defined(api),
    identity,
    breaker,
    sweep: sweepPolicy(sweep),
    ...(statuspage && { statuspage: defined(statuspage) }),
    fleets: Object.fromEntries(settings),
    timezone,
    schedules,
  }
}

const storeSettings = ({ keep = DEFAULT_KEEP_MS, ...place }: FileConfig['store']): MusterConfig['store'] => ({
  ...defined(place),
  keepMs: keep,
})

function sweepPolicy({ ageGuard, maxOrphans, maxPercent }: FileConfig['sweep']): SweepPolicy {
  return {
    ageGuardMs: ageGuard ?? DEFAULT_SWEEP_POLICY.ageGuardMs,
    maxOrphans: maxOrphans ?? DEFAULT_SWEEP_POLICY.maxOrphans,
    maxPercent: maxPercent ?? DEFAULT_SWEEP_POLICY.maxPercent,
  }
}
