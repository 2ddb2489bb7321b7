import { isLoopback } from './loopback.ts'
import type { Pieces } from './pieces.ts'
import type { Finding } from './problem.ts'

/** Rules over several fields, apart from those of fleets. */
export function installationRules(pieces: Pieces): Finding[] {
  return [...realCloud(pieces), ...oneStore(pieces), ...keyIds(pieces)]
}

const REAL = 'the real cloud (cloud.kind alibaba) is not used without'

/** Design: nothing of the real cloud before it is said whose instances these are and how their agents reach us. */
function realCloud({ raw, cloud, api }: Pieces): Finding[] {
  if (cloud?.kind !== 'alibaba') return []
  const missing = [
    raw['controller'] === undefined && {
      path: ['controller'],
      message: `is missing: ${REAL} the name of this installation, which is how instances are known as its own`,
    },
    api &&
      api.publicUrl === undefined && {
        path: ['api', 'publicUrl'],
        message: `is missing: ${REAL} the URL by which the agents on its instances reach the API`,
      },
    api &&
      api.listen === undefined && {
        path: ['api', 'listen'],
        message: `is missing: ${REAL} the host:port on which the API listens, like 0.0.0.0:8080 or 127.0.0.1:8080 behind a proxy`,
      },
    api?.publicUrl !== undefined &&
      isLoopback(api.publicUrl) && {
        path: ['api', 'publicUrl'],
        message:
          'expected a URL that instances in the cloud can reach, found an address of this machine alone',
      },
    cloud.protocol === 'http' && {
      path: ['cloud', 'protocol'],
      message: 'expected https for the real cloud, found http: launches carry enrollment tokens',
    },
  ]
  return missing.filter((finding) => typeof finding === 'object')
}

function oneStore({ store }: Pieces): Finding[] {
  if (store?.sqlite === undefined || store.postgresUrlEnv === undefined) return []
  return [{ path: ['store'], message: 'expected either sqlite or postgresUrlEnv, found both' }]
}

function keyIds({ api }: Pieces): Finding[] {
  const [first, second] = api?.keys ?? []
  if (first === undefined || first.id !== second?.id) return []
  return [
    {
      path: ['api', 'keys', 1, 'id'],
      message: `expected another id than that of the first key, found "${first.id}" again`,
    },
  ]
}
