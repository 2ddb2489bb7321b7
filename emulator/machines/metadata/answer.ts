import type { MachineSpec } from '../contract.ts'
import { identityDocument } from './tree.ts'
import type { MetadataDirectory, MetadataNode } from './tree.ts'

const VERSIONS = ['2016-01-01', 'latest']

/** What a GET finds, or undefined: 404. */
export function findItem(
  path: string,
  spec: MachineSpec,
  tree: MetadataDirectory,
): string | Buffer | undefined {
  const [version, ...names] = path.split('/').filter((name) => name !== '')
  if (version === undefined) return VERSIONS.join('\n')
  if (!VERSIONS.includes(version)) return undefined
  // Raw bytes: user data may be gzip.
  if (names.join('/') === 'user-data') return spec.userData
  if (names.join('/') === 'meta-data/all') return JSON.stringify(resolved(tree))
  return show(descend(roots(spec, tree), names))
}

function roots(spec: MachineSpec, tree: MetadataDirectory): MetadataDirectory {
  return {
    dynamic: { 'instance-identity': { document: identityDocument(spec) } },
    maintenance: { 'active-system-events': 'None' },
    'meta-data': tree,
    ...(spec.userData === undefined ? {} : { 'user-data': '' }),
  }
}

function descend(from: MetadataNode, names: string[]): MetadataNode | undefined {
  let node: MetadataNode | undefined = from
  for (const name of names) {
    if (typeof node !== 'object' || !Object.hasOwn(node, name)) return undefined
    node = node[name]
  }
  return node
}

function show(node: MetadataNode | undefined): string | undefined {
  if (typeof node === 'function') return node()
  return typeof node === 'object' ? listing(node) : node
}

/** One name a line, directories with a slash; what is a 404 just now is not listed. */
function listing(directory: MetadataDirectory): string {
  const lines = Object.entries(directory).flatMap(([name, node]) => {
    if (typeof node === 'object') return [`${name}/`]
    return show(node) === undefined ? [] : [name]
  })
  return lines.join('\n')
}

interface Resolved {
  [name: string]: string | Resolved
}

function resolved(directory: MetadataDirectory): Resolved {
  const whole: Resolved = {}
  for (const [name, node] of Object.entries(directory)) {
    const value = typeof node === 'object' ? resolved(node) : show(node)
    if (value !== undefined) whole[name] = value
  }
  return whole
}
