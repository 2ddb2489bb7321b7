import { describe, expect, test } from 'vitest'
import { percentEncode } from './encode.ts'
import { signV1, stringToSignV1 } from './v1.ts'
import { canonicalRequestV3, parseV3Authorization, sha256Hex, signV3, stringToSignV3 } from './v3.ts'

describe('signature 1.0', () => {
  // ECS API reference, "Signature": the worked example of DescribeRegions.
  test('matches the example of the API reference', () => {
    const parameters = Object.entries({
      Timestamp: '2016-02-23T12:46:24Z',
      Format: 'XML',
      AccessKeyId: 'testid',
      Action: 'DescribeRegions',
      SignatureMethod: 'HMAC-SHA1',
      SignatureNonce: '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf',
      Version: '2014-05-26',
      SignatureVersion: '1.0',
    })
    const stringToSign = stringToSignV1('GET', parameters)
    expect(stringToSign).toBe(
      'GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1' +
        '%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0' +
        '%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26',
    )
    expect(signV1(stringToSign, 'testsecret')).toBe('OLeaidS1JvxuMvnyHOwuJ+uX5qY=')
  })

  test('leaves Signature itself out and signs unknown and empty parameters', () => {
    const signed = stringToSignV1('POST', [
      ['Signature', 'x'],
      ['SecurityToken', ''],
      ['Whatever', 'a b'],
    ])
    expect(signed).toBe('POST&%2F&SecurityToken%3D%26Whatever%3Da%2520b')
  })
})

describe('signature 3', () => {
  // The documented example of RunInstances in cn-shanghai.
  const headers: [string, string][] = [
    ['Host', 'ecs.cn-shanghai.aliyuncs.com'],
    ['x-acs-action', 'RunInstances'],
    ['x-acs-content-sha256', sha256Hex('')],
    ['x-acs-date', '2023-10-26T10:22:32Z'],
    ['x-acs-signature-nonce', '3156853299f313e23d1673dc12e1703d'],
    ['x-acs-version', '2014-05-26'],
  ]
  test('matches the documented example', () => {
    const canonical = canonicalRequestV3({
      method: 'POST',
      path: '/',
      query: [
        ['RegionId', 'cn-shanghai'],
        ['ImageId', 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd'],
      ],
      headers,
      signedHeaders: headers.map(([name]) => name.toLowerCase()),
      bodyHash: sha256Hex(''),
    })
    expect(sha256Hex(canonical)).toBe('7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259')
    expect(signV3(stringToSignV3(canonical), 'YourAccessKeySecret')).toBe(
      '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    )
  })

  test('reads the Authorization header and refuses other schemes', () => {
    expect(
      parseV3Authorization('ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=host;x-acs-date,Signature=ab'),
    ).toEqual({ accessKeyId: 'AK', signedHeaders: ['host', 'x-acs-date'], signature: 'ab' })
    expect(parseV3Authorization('ACS3-HMAC-SHA256 Credential=AK')).toBeUndefined()
    expect(parseV3Authorization('Bearer x')).toBeUndefined()
  })

  test('joins repeated headers in sorted order', () => {
    const canonical = canonicalRequestV3({
      method: 'POST',
      path: '/',
      query: [],
      headers: [
        ['x-acs-a', ' 2 '],
        ['X-Acs-A', '1'],
      ],
      signedHeaders: ['x-acs-a'],
      bodyHash: '',
    })
    expect(canonical).toContain('x-acs-a:1,2\n')
  })
})

test('percentEncode keeps ~ and encodes what encodeURIComponent leaves', () => {
  expect(percentEncode("a b*~'()!/=+é")).toBe('a%20b%2A~%27%28%29%21%2F%3D%2B%C3%A9')
})
