import type { Instance } from '../cloud/instance.ts'
import { refuse } from '../errors.ts'
import { instanceOf, regionOf } from './common.ts'
import { OWNER_FIELDS, REGION_FIELD } from './operation.ts'
import type { Operation } from './operation.ts'
import { pageFields, pageOf } from './paging.ts'

export const describeInstanceStatus: Operation = {
  summary: 'Lists ids and statuses, 50 a page at most',
  fields: {
    ...OWNER_FIELDS,
    RegionId: REGION_FIELD,
    ZoneId: { type: 'string' },
    'InstanceId.N': { type: 'string', note: 'at most 100' },
    ...pageFields(50),
  },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const zoneId = parameters.text('ZoneId')
    const ids = parameters.list('InstanceId')
    if (ids.length > 100) throw refuse('InvalidParameter', 'InstanceId')
    const all = ids.length > 0 ? ids.map((id) => cloud.instances.get(id)) : cloud.instances.newestFirst()
    const found = all
      .filter((instance): instance is Instance => instance !== undefined)
      .filter((instance) => instance.visible.id && instance.regionId === regionId)
      .filter((instance) => (zoneId ?? instance.zoneId) === instance.zoneId)
    const { items, ...numbers } = pageOf(found, parameters)
    return {
      InstanceStatuses: {
        InstanceStatus: items.map(({ instanceId, status }) => ({ InstanceId: instanceId, Status: status })),
      },
      ...numbers,
    }
  },
}

export const describeUserData: Operation = {
  summary: 'Shows the user data an instance was made with, Base64',
  fields: { ...OWNER_FIELDS, RegionId: REGION_FIELD, InstanceId: { type: 'string', required: true } },
  handle({ cloud, parameters }) {
    const { regionId } = regionOf(cloud, parameters)
    const instance = instanceOf(cloud, parameters.text('InstanceId', ''))
    if (instance.regionId !== regionId) throw refuse('InvalidInstanceId.NotFound')
    return { RegionId: regionId, InstanceId: instance.instanceId, UserData: instance.userData }
  },
}
