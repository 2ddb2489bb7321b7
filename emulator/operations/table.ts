import { describeAvailableResource } from './available-resource.ts'
import { deleteInstance, deleteInstances } from './delete.ts'
import { deleteDisk, describeDisks } from './disks.ts'
import { describeInstances } from './describe-instances.ts'
import { getInstanceConsoleOutput, getInstanceScreenshot } from './evidence.ts'
import { describeInstanceHistoryEvents } from './history-events.ts'
import { describeImages } from './images.ts'
import { describeInstanceStatus, describeUserData } from './instance-status.ts'
import { modifyInstanceAttribute, modifyInstanceAutoReleaseTime } from './modify.ts'
import { deleteNetworkInterface, describeNetworkInterfaces } from './interfaces.ts'
import { describeSecurityGroups, describeVpcs, describeVSwitches } from './network.ts'
import type { Operation } from './operation.ts'
import { rebootInstance, startInstance, stopInstance } from './power.ts'
import { describeRegions, describeZones } from './regions.ts'
import { createInstance, runInstances } from './run-instances.ts'
import { listTagResources, tagResources, untagResources } from './tags.ts'

/** Every action the emulator knows. docs/emulator-actions.md is generated from it. */
export const OPERATIONS = {
  RunInstances: runInstances,
  CreateInstance: createInstance,
  StartInstance: startInstance,
  StopInstance: stopInstance,
  RebootInstance: rebootInstance,
  DeleteInstance: deleteInstance,
  DeleteInstances: deleteInstances,
  DescribeInstances: describeInstances,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeUserData: describeUserData,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyInstanceAutoReleaseTime: modifyInstanceAutoReleaseTime,
  TagResources: tagResources,
  UntagResources: untagResources,
  ListTagResources: listTagResources,
  DescribeInstanceHistoryEvents: describeInstanceHistoryEvents,
  GetInstanceConsoleOutput: getInstanceConsoleOutput,
  GetInstanceScreenshot: getInstanceScreenshot,
  DescribeDisks: describeDisks,
  DeleteDisk: deleteDisk,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DeleteNetworkInterface: deleteNetworkInterface,
  DescribeRegions: describeRegions,
  DescribeZones: describeZones,
  DescribeAvailableResource: describeAvailableResource,
  DescribeImages: describeImages,
  DescribeVpcs: describeVpcs,
  DescribeVSwitches: describeVSwitches,
  DescribeSecurityGroups: describeSecurityGroups,
} as const satisfies Record<string, Operation>

export type Action = keyof typeof OPERATIONS

export function isAction(name: string): name is Action {
  return Object.hasOwn(OPERATIONS, name)
}
