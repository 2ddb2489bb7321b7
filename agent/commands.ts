import type { AgentCommand } from '../domain/wire.ts'
import { drain } from './drain.ts'
import { endSession } from './session.ts'
import type { Session } from './session.ts'

/**
 * Obeys the commands of a beat's answer, each once. Never throws: a command this agent does not know is acknowledged
 * with an error, so that an older agent under a newer API neither dies nor is asked for ever.
 */
export function obeyCommands(session: Session, commands: AgentCommand[]): void {
  for (const command of commands) {
    if (session.obeyed.has(command.id)) continue
    session.obeyed.add(command.id)
    session.runtime.log('info', 'command', { id: command.id, kind: command.kind })
    obey(session, command)
  }
}

function obey(session: Session, { id, kind }: AgentCommand): void {
  switch (kind) {
    case 'drain':
      inBackground(session, drain(session))
      session.acks.push({ id, ok: true })
      return
    case 'stop':
      inBackground(session, stop(session))
      session.acks.push({ id, ok: true })
      return
    case 'profile':
    case 'run':
    default:
      session.acks.push({
        id,
        ok: false,
        error: `this agent cannot "${String(kind)}"; it needs a newer image`,
      })
  }
}

/** Ends the workload, tells the API, then the agent ends; the beat loop sends the acknowledgement before. */
async function stop(session: Session): Promise<void> {
  await drain(session, false)
  endSession(session, 'stopped')
}

function inBackground(session: Session, work: Promise<void>): void {
  work.catch((error: unknown) => {
    session.runtime.log('error', 'a command failed', { reason: String(error) })
  })
}
