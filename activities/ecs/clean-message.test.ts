import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '../../domain/testing/property-runs.ts'
import { cleanMessage } from './clean-message.ts'

const TOKEN = 'v1.k1.eyJoIjoicmVuZGVyLzAwMDA3In0.c2lnbmF0dXJl'

describe('the words of the cloud', () => {
  test('stay when they quote nothing', () => {
    const text = 'The requested resource is sold out in the specified zone; try other types of resources.'
    expect(cleanMessage(text)).toBe(text)
  })

  test('keep ids a person searches by', () => {
    const text = 'vsw-bp1s5fnvk4gn2tws03624 and 473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E do not match'
    expect(cleanMessage(text)).toBe(text)
  })

  test.each([
    ['user data by name', 'UserData=IyEvYmluL3No is not valid', 'IyEvYmluL3No'],
    [
      'a quoted password',
      'the password "hunter2 and more" is too short, Password: "hunter2 and more"',
      'hunter2 and more"',
    ],
    ['a token', `cannot read ${TOKEN} here`, 'eyJoIjoicmVuZGVyLzAwMDA3In0'],
    ['the request in a URL', 'POST https://ecs.cn-hangzhou.aliyuncs.com/?UserData=abc failed', 'abc'],
    ['what was signed', 'server string to sign is:POST&%2F&AccessKeyId%3Dx%26Pw%3Dhunter2', 'hunter2'],
    ['a long run of base64', `bad: ${'QUJD'.repeat(20)}`, 'QUJDQUJD'],
    ['percent-encoded base64', `bad: ${'QUJD%2B'.repeat(20)}`, 'QUJD%2BQUJD'],
  ])('lose %s', (_name, text, secret) => {
    const cleaned = cleanMessage(text)
    expect(cleaned).toContain('[cut]')
    expect(cleaned.endsWith(secret)).toBe(false)
    expect(cleaned.split('Password').at(-1)).not.toContain(secret)
  })

  test('become one line of at most 240 characters', () => {
    const cleaned = cleanMessage('word and\n\tword '.repeat(100))
    expect(cleaned.length).toBeLessThanOrEqual(241)
    expect(cleaned).not.toMatch(/[\n\t]/)
  })

  test('never hold a secret of the request, plain or encoded for a URL', () => {
    const secret = fc
      .string({ minLength: 4, maxLength: 80, size: 'max', unit: 'grapheme-ascii' })
      .filter((text) => !'[cut]'.includes(text))
    const around = fc.stringMatching(/^[a-z ]{0,20}$/, { size: 'max' })
    fc.assert(
      fc.property(secret, around, around, (planted, before, after) => {
        fc.pre(!`${before}${after}`.includes(planted))
        expect(cleanMessage(`${before}${planted}${after}`, [planted]).replaceAll('[cut]', '')).not.toContain(
          planted,
        )
        const encoded = encodeURIComponent(planted)
        fc.pre(!`${before}${after}`.includes(encoded))
        expect(cleanMessage(`${before}${encoded}${after}`, [planted]).replaceAll('[cut]', '')).not.toContain(
          encoded,
        )
      }),
      propertyRuns(1),
    )
  })
})
