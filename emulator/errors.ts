/**
 * The cloud's own errors. Clients tell them apart by code and status, some by text.
 *
 * Code, status and words are from the error tables of the ECS API reference (state of 2021) and from answers of the
 * API gateway quoted in public. Not seen anywhere, and so our reading: the status and words of the two Idempotent*
 * codes, DryRunOperation, DRYRUN.SUCCESS and InvalidOperation.DeletionProtection; the words of MissingAccessKeyId,
 * MissingSecurityToken and the hints after IncompleteSignature and of InvalidOperation.InvalidEniState; the status of InvalidVersion; and the codes
 * InvalidNextToken, InvalidParameter.Format, InvalidUserData.Base64FormatInvalid and InvalidSecurityToken.Mismatch….
 * A new entry needs the page or trace it was seen in, or a place in this list.
 */
export class CloudError extends Error {
  override readonly name = 'CloudError'
  readonly code: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: string, status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.code = code
    this.status = status
    this.headers = headers
  }
}

/** code → HTTP status and the cloud's text. `%s` is filled by {@link refuse}. */
const KNOWN = {
  // The API gateway: what happens before an action is looked at.
  MissingAccessKeyId: [400, 'AccessKeyId is mandatory for this action.'],
  'InvalidAccessKeyId.NotFound': [404, 'Specified access key is not found.'],
  MissingSecurityToken: [400, 'SecurityToken is mandatory for this action.'],
  'InvalidSecurityToken.MismatchWithAccessKey': [400, 'Specified SecurityToken mismatch with the AccessKey.'],
  IncompleteSignature: [400, 'The request signature does not conform to Aliyun standards. %s'],
  SignatureDoesNotMatch: [
    400,
    'Specified signature is not matched with our calculation. server string to sign is:%s',
  ],
  SignatureNonceUsed: [400, 'Specified signature nonce was used already.'],
  'InvalidTimeStamp.Expired': [400, 'Specified time stamp or date value is expired.'],
  'InvalidTimeStamp.Format': [400, 'Specified time stamp or date value is not well formatted.'],
  IllegalTimestamp: [
    400,
    'The input parameter "Timestamp" that is mandatory for processing this request is not supplied.',
  ],
  InvalidVersion: [400, 'Specified parameter Version is not valid.'],
  'InvalidAction.NotFound': [404, 'Specified api is not found, please check your url and method.'],
  'InvalidParameter.Format': [400, 'The specified parameter "Format" is not valid: use JSON or XML.'],
  'Throttling.User': [400, 'Request was denied due to user flow control.'],
  InternalError: [500, 'The request processing has failed due to some unknown error.'],
  // Parameters.
  MissingParameter: [
    400,
    'The input parameter "%s" that is mandatory for processing this request is not supplied.',
  ],
  InvalidParameter: [400, 'The specified parameter "%s" is not valid.'],
  'InvalidParameter.Conflict': [400, '%s'],
  'InvalidParameter.Mismatch': [400, '%s'],
  DryRunOperation: [400, 'Request validation has been passed with DryRun flag set.'],
  'DRYRUN.SUCCESS': [400, 'The dry run passed: the request would have been carried out.'],
  IdempotentParameterMismatch: [
    400,
    'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical.',
  ],
  IdempotentProcessing: [400, 'The previous idempotent request(s) is still processing.'],
  'InvalidClientToken.ValueNotSupported': [400, 'The ClientToken provided is invalid.'],
  InvalidNextToken: [400, 'The specified parameter "NextToken" is not valid.'],
  // Where things are.
  'InvalidRegionId.NotFound': [404, 'The specified RegionId does not exist.'],
  'InvalidZoneId.NotFound': [404, 'The specified zoneId does not exist.'],
  'InvalidVSwitchId.NotFound': [404, 'Specified virtual switch does not exist.'],
  'InvalidSecurityGroupId.NotFound': [404, 'The specified SecurityGroupId does not exist.'],
  'InvalidImageId.NotFound': [404, 'The specified ImageId does not exist.'],
  'OperationDenied.ImageNotValid': [403, 'The specified Image is disabled or is deleted.'],
  ImageNotSupportInstanceType: [403, "The specified image don't support the InstanceType instance."],
  ImageNotSupportCloudInit: [400, 'The specified image does not support cloud-init.'],
  'InvalidInstanceType.ValueNotSupported': [
    400,
    'The specified InstanceType does not exist or beyond the permitted range.',
  ],
  'InvalidInstanceType.ZoneNotSupported': [403, 'The specified zone does not support this instancetype.'],
  // Capacity.
  'OperationDenied.NoStock': [
    403,
    'The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.',
  ],
  'QuotaExceed.ElasticQuota': [
    403,
    'The number of the specified ECS instances has exceeded the quota of the specified instance type, or the number of vCPUs assigned to the ECS instances has exceeded the quota in the zone.',
  ],
  'QuotaExceeded.PrivateIpAddress': [400, "Don't have enough private IPs in this switch."],
  // Instances.
  'InvalidInstanceId.NotFound': [404, 'The specified InstanceId does not exist.'],
  IncorrectInstanceStatus: [403, 'The current status of the resource does not support this operation.'],
  'IncorrectInstanceStatus.Initializing': [
    403,
    'The specified instance status does not support this operation.',
  ],
  'InvalidOperation.DeletionProtection': [
    403,
    'The operation is not allowed because the instance %s has deletion protection enabled.',
  ],
  ChargeTypeViolation: [403, 'The operation is not permitted due to charge type of the instance.'],
  'InvalidDiskId.NotFound': [404, 'The specified disk does not exist.'],
  IncorrectDiskStatus: [403, 'The current disk status does not support this operation.'],
  'InvalidEniId.NotFound': [404, 'The specified EniId "%s" is not found.'],
  'InvalidOperation.InvalidEniState': [400, 'The status of the network interface %s does not support this.'],
  NoSuchResource: [404, 'The specified resource is not found.'],
  'InvalidAutoReleaseTime.Malformed': [400, 'The specified parameter AutoReleaseTime is not valid.'],
  'InvalidUserData.SizeExceeded': [400, 'The specified parameter "UserData" exceeds the size.'],
  'InvalidUserData.Base64FormatInvalid': [400, 'The specified parameter UserData must be base64 encoded.'],
  'InvalidPassword.Malformed': [400, 'The specified parameter "Password" is not valid.'],
  'InvalidPasswordParam.Mismatch': [400, 'The input password should be null when passwdInherit is true.'],
  'InvalidHostName.Malformed': [400, 'The specified parameter "HostName" is not valid.'],
  'InvalidInstanceName.Malformed': [400, 'The specified parameter "InstanceName" is not valid.'],
  'InvalidParams.InstanceNameExceed': [
    403,
    'The uniqueSuffix takes three naming places, please shorten your InstanceName.',
  ],
  'InvalidParams.HostnameExceed': [
    403,
    'The uniqueSuffix takes three naming places, please shorten your Hostname.',
  ],
  'InvalidDescription.Malformed': [400, 'The specified parameter "Description" is not valid.'],
  'InvalidMinAmount.Malformed': [400, 'The specified parameter MinAmount is not valid.'],
  'InvalidSystemDiskSize.LessThanImageSize': [
    404,
    'The specified parameter SystemDisk.Size is less than the image size.',
  ],
  InvalidPrivateIpAddress: [400, 'Specified private IP address is not in the CIDR block of virtual switch.'],
  'InvalidPrivateIpAddress.Malformed': [400, 'Specified private IP address is malformed.'],
  'InvalidPrivateIpAddress.Duplicated': [400, 'Specified private IP address is duplicated.'],
  'InvalidIPAddress.AlreadyUsed': [400, 'The specified IPAddress is already used by other resource.'],
  'InvalidSpotParam.EmptyZoneID': [400, 'The specified ZoneId is empty when SpotStrategy is set.'],
  InvalidSpotPrepaid: [400, 'The specified Spot type is not support PrePay Instance.'],
  InvalidSpotPriceLimit: [400, 'The specified SpotPriceLimitis not valid.'],
  'InvalidSpotPriceLimit.LowerThanPublicPrice': [
    400,
    'The specified parameter "spotPriceLimit" can\'t be lower than current public price.',
  ],
  SecurityGroupInstanceLimitExceed: [403, 'The maximum number of instances in a security group is exceeded.'],
  // Tags.
  'InvalidTagKey.Malformed': [400, 'The specified Tag.n.Key is not valid.'],
  'InvalidTagValue.Malformed': [400, 'The specified Tag.n.Value is not valid.'],
  InvalidTagCount: [400, 'The specified tags are beyond the permitted range.'],
  'InvalidTag.Mismatch': [400, 'The specified Tag.n.Key and Tag.n.Value are not match.'],
  'Duplicate.TagKey': [400, 'The Tag.N.Key contain duplicate key.'],
  'OperationDenied.QuotaExceed': [400, 'The quota of tags on resource is beyond permitted range.'],
  'MissingParameter.Tags': [404, 'The parameter - Tags should not be null'],
  'MissingParameter.ResourceType': [404, 'The parameter - ResourceType should not be null'],
  'InvalidResourceType.NotFound': [404, 'The ResourceType provided does not exist in our records.'],
  'InvalidResourceId.NotFound': [404, 'The specified ResourceIds are not found in our records.'],
  'NumberExceed.ResourceIds': [400, "The ResourceIds parameter's number is exceed , Valid : 50"],
  'NumberExceed.Tags': [400, "The Tags parameter's number is exceed , Valid : 20"],
  // Filters.
  'InvalidStatus.NotFound': [404, 'The specified Status is not found'],
  'InvalidLockReason.NotFound': [404, 'The specified LockReason is not found'],
  'InvalidNetworkType.NotFound': [404, 'The specified InstanceNetworkType is not found'],
  'InvalidInstanceChargeType.NotFound': [404, 'The InstanceChargeType does not exist in our records'],
  'InvalidInternetChargeType.ValueNotSupported': [400, 'The specified InternetChargeType is not valid.'],
  InvalidSpotStrategy: [400, 'The specified SpotStrategy is not valid.'],
  InvalidSpotDuration: [400, 'The specified SpotDuration is not valid.'],
  InvalidSpotInterruptionBehavior: [400, 'The specified SpotInterruptionBehavior is not valid.'],
  'InvalidHttpEndpoint.NotSupported': [
    400,
    'The specified HttpEndpoint not supported, you can use enabled(default) or disabled.',
  ],
  'InvalidHttpTokens.NotSupported': [
    400,
    'The specified HttpTokens not supported, you can use optional(default) or required.',
  ],
  'InvalidSystemDiskCategory.ValueNotSupported': [
    400,
    'The specified parameter "SystemDisk.Category" is not valid.',
  ],
  'InvalidDataDiskCategory.ValueNotSupported': [
    400,
    'The specified parameter "DataDisk.n.Category" is not valid.',
  ],
  'InvalidDataDiskSize.ValueNotSupported': [
    400,
    'The specified DataDisk.n.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of the specified disk category.',
  ],
  'InvalidAcceptLanguage.NotFound': [
    404,
    'Only Chinese (zh-CN), English (en-US), and Japanese (ja) are allowed.',
  ],
  'InvalidImageOwnerAlias.ValueNotSupported': [400, 'The specified ImageOwnerAlias value is not supported.'],
  InvalidOSType: [404, 'The specifed OSType is not valid'],
  InvalidArchitecture: [404, 'The specifed Architecture is not valid'],
  'Invalid.Param': [
    400,
    'The input parameter DestinationResource that is mandatory for processing this request is not supplied.',
  ],
  'Invalid.InstanceChargeType': [400, 'The specified InstanceChargeType is not valid.'],
} as const satisfies Record<string, readonly [number, string]>

export type KnownCode = keyof typeof KNOWN

/** Whether `code` is one the table has words for. */
export function isKnownCode(code: string): code is KnownCode {
  return Object.hasOwn(KNOWN, code)
}

/**
 * Builds one of the cloud's errors.
 *
 * @param fill what stands for `%s` in the text; without `%s` it replaces the whole text (the cloud has several texts
 * for some codes).
 */
export function refuse(code: KnownCode, fill?: string, headers?: Record<string, string>): CloudError {
  const [status, text] = KNOWN[code]
  const message = text.includes('%s') ? text.replace('%s', () => fill ?? '').trim() : (fill ?? text)
  return new CloudError(code, status, message, headers)
}
