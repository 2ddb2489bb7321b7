import type { TellAgentInput } from '../contract.ts'
import type { HostActivityDeps } from '../deps.ts'

/** Puts a command into the store; the answers to the agent's beats carry it until the agent acknowledges it. */
export async function tellAgent({ store, clock }: HostActivityDeps, input: TellAgentInput): Promise<void> {
  await store.commands.add(input.key, input.command, undefined, clock())
  await store.hosts.record(input.record, clock())
}
