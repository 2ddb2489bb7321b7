import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '../../domain/testing/property-runs.ts'
import { faultClass, KNOWN_CODES } from './errors.ts'

describe('class of a refusal', () => {
  test.each([
    ['Throttling', 400, 'retry'],
    ['Throttling.User', 400, 'retry'],
    ['Throttling.ConcurrentLimitExceeded', 400, 'retry'],
    ['Rejected.Throttling', 503, 'retry'],
    ['InternalError', 500, 'retry'],
    ['ServiceUnavailable', 503, 'retry'],
    ['IdempotentProcessing', 403, 'retry'],
    ['OperationDenied.CreatingConflict', 404, 'retry'],
    ['IncorrectInstanceStatus', 403, 'state'],
    ['IncorrectInstanceStatus.Initializing', 403, 'state'],
    ['IncorrectDiskStatus.Initializing', 403, 'state'],
    ['DependencyViolation.RouteEntry', 403, 'state'],
    ['InstanceNotReady', 500, 'state'],
    ['OperationDenied.NoStock', 403, 'capacity'],
    ['Zone.NotOnSale', 400, 'capacity'],
    ['InvalidResourceType.NotSupported', 403, 'capacity'],
    ['QuotaExceed.ElasticQuota', 403, 'capacity'],
    ['QuotaExceeded.PrivateIpAddress', 400, 'capacity'],
    ['InvalidSpotPriceLimit.LowerThanPublicPrice', 400, 'capacity'],
    ['OperationDenied.SomeNoStockOfTomorrow', 403, 'capacity'],
    ['QuotaExceed.SomethingNew', 403, 'capacity'],
    ['InvalidAccountStatus.NotEnoughBalance', 403, 'account'],
    ['Account.Arrearage', 400, 'account'],
    ['Forbidden.RAM', 403, 'account'],
    ['InvalidAccessKeyId.NotFound', 404, 'account'],
    ['SignatureDoesNotMatch', 400, 'account'],
    ['Forbidden.SomethingNew', 403, 'account'],
    ['MissingParameter', 400, 'request'],
    ['InvalidImageId.NotFound', 404, 'request'],
    ['InvalidVSwitchId.NotFound', 404, 'request'],
    ['InvalidAutoReleaseTime.Malformed', 400, 'request'],
    ['IdempotentParameterMismatch', 400, 'request'],
    ['QuotaExceed.Image', 400, 'request'],
    ['InvalidOperation.DeletionProtection', 403, 'request'],
    ['InvalidInstanceId.NotFound', 404, 'gone'],
    ['Forbidden.InstanceNotFound', 404, 'gone'],
    ['Http502', 502, 'retry'],
    ['Http429', 429, 'retry'],
    ['SomethingNew', 400, 'request'],
    ['SomethingNew', 500, 'retry'],
    ['SomethingNew', 401, 'account'],
  ])('%s with HTTP %i is %s', (code, status, expected) => {
    expect(faultClass(code, status)).toBe(expected)
  })

  test('no code stands in the table twice', () => {
    const known = [...KNOWN_CODES.keys()]
    expect(known.length).toBeGreaterThan(50)
    expect(new Set(known).size).toBe(known.length)
  })

  test('a code of the table means the same whatever its HTTP status', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KNOWN_CODES),
        fc.integer({ min: 400, max: 599 }),
        ([code, kind], status) => {
          expect(faultClass(code, status)).toBe(kind)
        },
      ),
      propertyRuns(1),
    )
  })

  test('a server error of an unknown code is never taken for a definite answer', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^X[A-Za-z.]{0,20}$/, { size: 'max' }),
        fc.integer({ min: 500, max: 599 }),
        (code, status) => {
          fc.pre(!/NoStock|OutOfStock|NotOnSale|SoldOut|Balance|Arrearage|Overdue/.test(code))
          expect(faultClass(code, status)).toBe('retry')
        },
      ),
      propertyRuns(2),
    )
  })
})
