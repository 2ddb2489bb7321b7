import type { Client, Connection } from '@temporalio/client'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusterError } from '../../domain/errors.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'

/** `INDEXED_VALUE_TYPE_…` of Temporal's API. */
const VALUE_TYPES = { Text: 1, Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6, KeywordList: 7 } as const
const ALREADY_EXISTS = 6
const NOT_FOUND = 5
/** Namespaces and attributes reach every part of a server through caches. */
const VISIBLE_MS = 30_000

/** The namespace's own id: it is part of every tag, so that two servers on one account never touch each other's hosts. */
export async function namespaceId(connection: Connection, namespace: string): Promise<string> {
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace })
  if (!namespaceInfo?.id)
    throw new MusterError('unavailable', `Temporal tells no id of namespace "${namespace}"`)
  return namespaceInfo.id
}

/** What `setUpNamespace` did. */
export interface SetUp {
  namespace: 'created' | 'there'
  added: string[]
  there: string[]
}

/**
 * Makes the namespace and registers the search attributes, as far as they are missing; running it again changes nothing.
 * @param retentionDays of a new namespace, 1 to 90
 */
export async function setUpNamespace(
  client: Client,
  namespace: string,
  retentionDays: number,
): Promise<SetUp> {
  const made = await makeNamespace(client, namespace, retentionDays)
  const existing = await attributesOf(client, namespace)
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in existing))
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, VALUE_TYPES[type]]))
    await about(namespace, client, () =>
      client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
    )
    await visible(client, namespace)
  }
  const added = missing.map(([name]) => name)
  return {
    namespace: made,
    added,
    there: Object.keys(SEARCH_ATTRIBUTES).filter((name) => !added.includes(name)),
  }
}

/** Names of search attributes that are not registered; undefined when there is no such namespace. */
export async function missingAttributes(client: Client, namespace: string): Promise<string[] | undefined> {
  try {
    const there = await customAttributes(client, namespace)
    return Object.keys(SEARCH_ATTRIBUTES).filter((name) => !(name in there))
  } catch (error) {
    if ((error as { code?: number }).code === NOT_FOUND) return undefined
    throw error
  }
}

async function customAttributes(client: Client, namespace: string): Promise<Record<string, unknown>> {
  const answer = await about(namespace, client, () =>
    client.connection.operatorService.listSearchAttributes({ namespace }),
  )
  return answer.customAttributes ?? {}
}

/** An endpoint of many namespaces finds the right one by this header; the SDK sends it with other calls on its own. */
const about = <T>(namespace: string, client: Client, call: () => Promise<T>): Promise<T> =>
  client.connection.withMetadata({ 'temporal-namespace': namespace }, call)

async function makeNamespace(client: Client, namespace: string, days: number): Promise<SetUp['namespace']> {
  try {
    await client.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: days * 86_400 },
    } as never)
    return 'created'
  } catch (error) {
    if ((error as { code?: number }).code === ALREADY_EXISTS) return 'there'
    throw error
  }
}

async function attributesOf(client: Client, namespace: string): Promise<Record<string, unknown>> {
  const until = Date.now() + VISIBLE_MS
  for (;;) {
    try {
      return await customAttributes(client, namespace)
    } catch (error) {
      if ((error as { code?: number }).code !== NOT_FOUND || Date.now() > until) throw error
      await sleep(200)
    }
  }
}

async function visible(client: Client, namespace: string): Promise<void> {
  const until = Date.now() + VISIBLE_MS
  for (;;) {
    const there = await attributesOf(client, namespace)
    if (Object.keys(SEARCH_ATTRIBUTES).every((name) => name in there)) return
    if (Date.now() > until) {
      throw new MusterError(
        'timed_out',
        `search attributes of namespace "${namespace}" are not visible after 30 s: try again`,
      )
    }
    await sleep(200)
  }
}
