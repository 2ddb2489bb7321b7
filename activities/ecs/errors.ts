/**
 * What a refusal of the cloud means to us.
 * - retry: the same request again, later, with the same token
 * - state: the same request again once something has changed its state
 * - capacity: not here; try another zone or type with a new token
 * - account: a person must act (money, permissions, keys)
 * - request: the spec or our own code is wrong; asking again changes nothing
 * - gone: there is no such instance
 */
export type FaultClass = 'retry' | 'state' | 'capacity' | 'account' | 'request' | 'gone'

/**
 * Codes of ECS OpenAPI 2014-05-26, gathered from the API reference and from what gardener's machine controller and the
 * Terraform provider treat likewise. `QuotaExceed.` and `QuotaExceeded.` both exist.
 */
const CODES: Record<FaultClass, string[]> = {
  retry: [
    'InternalError',
    'ServiceUnavailable',
    'IdempotentProcessing',
    'LastTokenProcessing',
    'TOKEN_PROCESSING',
    'OperationConflict',
    'TaskConflict',
    'OperationDenied.CreatingConflict',
    // Every request has a new nonce: seen twice, something on the way repeated the request, and the first may have been
    // obeyed. Asking again with the same token finds out.
    'SignatureNonceUsed',
  ],
  state: [
    'IncorrectInstanceStatus',
    'IncorrectInstanceStatus.Initializing',
    'IncorrectVSwitchStatus',
    'InstanceNotReady',
    'DependencyViolation',
    'InvalidOperation.InvalidEniState',
  ],
  capacity: [
    'OperationDenied.NoStock',
    'Zone.NotOnSale',
    'Zone.NotOpen',
    'ResourceNotAvailable',
    'InvalidResourceType.NotSupported',
    'InvalidInstanceType.ZoneNotSupported',
    'InstanceType.Offline',
    'OperationDenied.ZoneNotAllowed',
    'OperationDenied.ZoneSystemCategoryNotMatch',
    'OperationDenied.CloudSSDNotSupported',
    'InvalidVpcZone.NotSupported',
    'QuotaExceed.ElasticQuota',
    'QuotaExceed.DiskCapacity',
    'QuotaExceeded.PrivateIpAddress',
    'QuotaExceed.PostPaidDisk',
    'QuotaExceed.AfterpayInstance',
    'SecurityGroupInstanceLimitExceed',
    'InvalidSpotPriceLimit.LowerThanPublicPrice',
    'OperationDenied.SpotPriceLowerThanPublicPrice',
  ],
  account: [
    'InvalidAccountStatus.NotEnoughBalance',
    'InsufficientBalance',
    'Account.Arrearage',
    'RealNameAuthenticationError',
    'PaymentMethodNotFound',
    'Forbidden.RiskControl',
    'InvalidAccessKeyId.NotFound',
    'InvalidAccessKeyId.Inactive',
    'SignatureDoesNotMatch',
    'IncompleteSignature',
    'IllegalTimestamp',
    'InvalidTimeStamp.Expired',
    'InvalidSecurityToken.Expired',
    'Forbidden.RAM',
    'InvalidUser.PassRoleForbidden',
    'NoCredentials',
  ],
  request: [
    'MissingParameter',
    'IdempotentParameterMismatch',
    'InvalidOperation.DeletionProtection',
    'ChargeTypeViolation',
    'InvalidImageId.NotFound',
    'InvalidRamRole.NotFound',
    'InvalidImageName.Duplicated',
    'QuotaExceed.Image',
    'DryRunOperation',
  ],
  gone: [
    'InvalidInstanceId.NotFound',
    'Forbidden.InstanceNotFound',
    'InvalidDiskId.NotFound',
    'InvalidEniId.NotFound',
  ],
}

/** Families of codes, asked in this order after the exact ones. */
const FAMILIES: [RegExp, FaultClass][] = [
  [/Throttling/, 'retry'],
  [/^IncorrectDiskStatus/, 'state'],
  [/^DependencyViolation\./, 'state'],
  [/NoStock|OutOfStock|NotOnSale|SoldOut/, 'capacity'],
  [/^QuotaExceed(ed)?\./, 'capacity'],
  [/Balance|Arrearage|Overdue/, 'account'],
  [/^(InvalidAccessKeyId|InvalidSecurityToken|NoPermission|Forbidden\.(RAM|SubUser))/, 'account'],
]

const EXACT = new Map(
  Object.entries(CODES).flatMap(([name, codes]) => codes.map((code) => [code, name as FaultClass] as const)),
)

/**
 * The class of a refusal. Unknown codes are classified by their HTTP status: 5xx, 408 and 429 may pass on their own,
 * 401 and `Forbidden…` need a person with access to the account, every other 4xx is a mistake of ours.
 */
export function faultClass(code: string, httpStatus: number | undefined): FaultClass {
  const exact = EXACT.get(code)
  if (exact) return exact
  const family = FAMILIES.find(([pattern]) => pattern.test(code))
  if (family) return family[1]
  if (httpStatus === undefined || httpStatus >= 500 || httpStatus === 408 || httpStatus === 429)
    return 'retry'
  return code.startsWith('Forbidden') || httpStatus === 401 ? 'account' : 'request'
}

export const isThrottling = (code: string): boolean => code.includes('Throttling')

/** Every code of the table, for tests and documentation. */
export const KNOWN_CODES: ReadonlyMap<string, FaultClass> = EXACT
