import type { Catalogue, Image, InstanceType, Region, VSwitch } from './catalogue.ts'

const MADE_AT = '2026-01-05T08:00:00Z'

/**
 * A small cloud to begin with. Ids can be written down from their names: region prefix, then `default`, then zeros,
 * a vSwitch ending in its zone's letter, for example `vsw-bp1default0000000000g` in cn-hangzhou-g.
 */
export function defaultCatalogue(): Catalogue {
  return {
    regions: REGIONS,
    instanceTypes: INSTANCE_TYPES,
    images: [...PUBLIC_IMAGES, ...REGIONS.flatMap(customImages)],
    vpcs: REGIONS.map((region, at) => ({
      vpcId: `vpc-${region.idPrefix}default00000000000`,
      regionId: region.regionId,
      name: 'default',
      cidr: `127.${16 * (at + 1)}.0.0/12`,
      isDefault: true,
      createdAt: MADE_AT,
    })),
    vSwitches: REGIONS.flatMap(vSwitches),
    securityGroups: REGIONS.map((region) => ({
      securityGroupId: `sg-${region.idPrefix}default00000000000`,
      vpcId: `vpc-${region.idPrefix}default00000000000`,
      regionId: region.regionId,
      name: 'default',
      type: 'enterprise',
      createdAt: MADE_AT,
      maxInstances: 65_536,
    })),
  }
}

const REGIONS: Region[] = [
  region('cn-hangzhou', 'China (Hangzhou)', 'bp1', 'ghijk'),
  region('cn-shanghai', 'China (Shanghai)', 'uf6', 'begl'),
  region('cn-beijing', 'China (Beijing)', '2ze', 'hikl'),
  region('cn-shenzhen', 'China (Shenzhen)', 'wz9', 'def'),
  region('ap-southeast-1', 'Singapore', 't4n', 'abc'),
]

function region(regionId: string, localName: string, idPrefix: string, letters: string): Region {
  return {
    regionId,
    localName,
    idPrefix,
    zones: letters.split('').map((letter) => zoneName(regionId, letter)),
  }
}

function zoneName(regionId: string, letter: string): string {
  // Regions whose name ends in a number have zones like ap-southeast-1a.
  return /\d$/.test(regionId) ? `${regionId}${letter}` : `${regionId}-${letter}`
}

function vSwitches(from: Region): VSwitch[] {
  const second = 16 * (REGIONS.indexOf(from) + 1)
  return from.zones.map((zoneId, at) => ({
    vSwitchId: `vsw-${from.idPrefix}default0000000000${zoneId.slice(-1)}`,
    vpcId: `vpc-${from.idPrefix}default00000000000`,
    regionId: from.regionId,
    zoneId,
    name: `default-${zoneId.slice(-1)}`,
    cidr: `127.${second + at}.0.0/16`,
    isDefault: true,
    createdAt: MADE_AT,
  }))
}

const INSTANCE_TYPES: InstanceType[] = [
  { instanceType: 'ecs.t6-c1m1.large', vcpus: 2, memoryMiB: 2048, price: 0.17 },
  { instanceType: 'ecs.g6.large', vcpus: 2, memoryMiB: 8192, price: 0.5 },
  { instanceType: 'ecs.c7.large', vcpus: 2, memoryMiB: 4096, price: 0.39 },
  { instanceType: 'ecs.c7.xlarge', vcpus: 4, memoryMiB: 8192, price: 0.78 },
  { instanceType: 'ecs.c7.2xlarge', vcpus: 8, memoryMiB: 16_384, price: 1.56 },
  { instanceType: 'ecs.g7.large', vcpus: 2, memoryMiB: 8192, price: 0.5 },
  { instanceType: 'ecs.g7.xlarge', vcpus: 4, memoryMiB: 16_384, price: 1 },
  { instanceType: 'ecs.g7.2xlarge', vcpus: 8, memoryMiB: 32_768, price: 2 },
  { instanceType: 'ecs.r7.large', vcpus: 2, memoryMiB: 16_384, price: 0.66 },
  { instanceType: 'ecs.c8i.large', vcpus: 2, memoryMiB: 4096, price: 0.42 },
  {
    instanceType: 'ecs.gn7i-c8g1.2xlarge',
    vcpus: 8,
    memoryMiB: 30_720,
    gpus: 1,
    gpuSpec: 'NVIDIA A10',
    price: 9.5,
  },
]

function publicImage(
  imageId: string,
  osName: string,
  platform: string,
  family: string,
  more: Partial<Image> = {},
): Image {
  return {
    imageId,
    name: imageId,
    family,
    os: 'linux',
    osName,
    platform,
    architecture: 'x86_64',
    sizeGiB: 20,
    owner: 'system',
    status: 'Available',
    supportsCloudInit: true,
    hasPassword: false,
    createdAt: MADE_AT,
    tags: {},
    ...more,
  }
}

const WINDOWS = { os: 'windows', sizeGiB: 40 } as const
const PUBLIC_IMAGES: Image[] = [
  publicImage(
    'aliyun_3_x64_20G_alibase_20251215.vhd',
    'Alibaba Cloud Linux 3.2104 LTS 64-bit',
    'Aliyun',
    'acs:alibaba_cloud_linux_3_2104_lts_x64',
  ),
  publicImage(
    'ubuntu_24_04_x64_20G_alibase_20251210.vhd',
    'Ubuntu 24.04 64-bit',
    'Ubuntu',
    'acs:ubuntu_24_04_x64',
  ),
  publicImage(
    'debian_12_11_x64_20G_alibase_20251210.vhd',
    'Debian 12.11 64-bit',
    'Debian',
    'acs:debian_12_11_x64',
  ),
  publicImage(
    'win2022_21H2_x64_dtc_en-us_40G_alibase_20251218.vhd',
    'Windows Server 2022 Datacenter 64-bit (English)',
    'Windows Server 2022',
    'acs:win2022_21h2_x64_dtc_en-us',
    WINDOWS,
  ),
]

/** One Linux and one Windows image of the account's own in each region, as a baking pipeline would leave them. */
function customImages(of: Region): Image[] {
  const own = { owner: 'self', regionId: of.regionId } as const
  return [
    publicImage(`m-${of.idPrefix}linux0000000000000`, 'Debian 12.11 64-bit', 'Debian', 'muster-linux', {
      ...own,
      name: 'muster-linux-1',
    }),
    publicImage(
      `m-${of.idPrefix}windows00000000000`,
      'Windows Server 2022 Datacenter 64-bit (English)',
      'Windows Server 2022',
      'muster-windows',
      {
        ...own,
        ...WINDOWS,
        name: 'muster-windows-1',
        hasPassword: true,
      },
    ),
  ]
}
