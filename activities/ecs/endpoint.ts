/** Public regions whose endpoint is not `ecs.<region>.aliyuncs.com`, from the SDK's own endpoint map. */
const NAMED_DIFFERENTLY = new Map([
  ['cn-hangzhou', 'ecs-cn-hangzhou.aliyuncs.com'],
  ['cn-shanghai-finance-1', 'ecs-cn-hangzhou.aliyuncs.com'],
  ['cn-shenzhen-finance-1', 'ecs-cn-hangzhou.aliyuncs.com'],
  ['cn-hangzhou-finance', 'ecs.aliyuncs.com'],
  ['cn-north-2-gov-1', 'ecs.aliyuncs.com'],
  ['cn-beijing-gov-1', 'ecs.aliyuncs.com'],
])

export const publicEndpoint = (region: string): string =>
  NAMED_DIFFERENTLY.get(region) ?? `ecs.${region}.aliyuncs.com`
