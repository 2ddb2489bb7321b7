import { expect, test } from 'vitest'
import { subjectOf } from '../domain/status/types.ts'
import { onEachDatabase } from './testing/on-each-database.ts'

const PAGE = 'page1'
const NOW = 1_800_000_000_000
const freeze = (fleet: string, since = NOW) => {
  const about = `freeze/${fleet}`
  const subject = subjectOf({ about, since })
  return { subject, kind: 'freeze' as const, about, since, name: `hosts of ${fleet}`, body: 'silent' }
}
const ONE = freeze('render')
const { name: _name, ...KNOWN } = ONE

onEachDatabase('incidents of a status page', (current) => {
  const incidents = () => current().store.incidents
  const said = async (target: string) =>
    (await current().store.audit.list({ target })).map(({ who, what }) => `${who}: ${what}`)

  test('are written before they are asked for, and known once the page has them', async () => {
    expect(await incidents().attempt(PAGE, ONE, NOW)).toBe(true)
    expect(await incidents().list(PAGE)).toEqual([{ ...KNOWN, attemptedAt: NOW }])
    await incidents().opened(PAGE, { ...ONE, incidentId: 'i1', body: 'as sent' }, NOW + 1)
    expect(await incidents().list(PAGE)).toEqual([{ ...KNOWN, incidentId: 'i1', body: 'as sent' }])
    await incidents().updated(PAGE, ONE.subject, 'news')
    expect(await incidents().list(PAGE)).toMatchObject([{ incidentId: 'i1', body: 'news' }])
    expect(await incidents().list('another')).toEqual([])
    expect(await said('fleet render')).toEqual(['report: opens incident i1'])
  })

  test('are asked for by one alone while an answer may still come', async () => {
    const unclearMs = 60_000
    expect(await incidents().attempt(PAGE, ONE, NOW, unclearMs)).toBe(true)
    expect(await incidents().attempt(PAGE, ONE, NOW + 59_000, unclearMs)).toBe(false)
    expect(await incidents().attempt(PAGE, ONE, NOW + 60_000, unclearMs)).toBe(true)
  })

  test('that the page has are not asked for, nor known by another id, by a late writer', async () => {
    await incidents().attempt(PAGE, ONE, NOW)
    await incidents().opened(PAGE, { ...ONE, incidentId: 'i1' }, NOW)
    expect(await incidents().attempt(PAGE, ONE, NOW + 1)).toBe(false)
    await incidents().refused(PAGE, ONE.subject)
    await incidents().opened(PAGE, { ...ONE, incidentId: 'i2' }, NOW + 2)
    expect(await incidents().list(PAGE)).toEqual([{ ...KNOWN, incidentId: 'i1' }])
    expect(await said('fleet render')).toHaveLength(1)
  })

  test('that were refused are as if never asked for', async () => {
    await incidents().attempt(PAGE, ONE, NOW)
    await incidents().refused(PAGE, ONE.subject)
    expect(await incidents().list(PAGE)).toEqual([KNOWN])
    expect(await incidents().attempt(PAGE, ONE, NOW + 5)).toBe(true)
    expect(await incidents().list(PAGE)).toMatchObject([{ attemptedAt: NOW + 5 }])
  })

  test('end, tell it once, and may begin anew', async () => {
    await incidents().opened(PAGE, { ...ONE, incidentId: 'i1' }, NOW)
    await incidents().over(PAGE, ONE.subject, NOW + 1)
    await incidents().over(PAGE, ONE.subject, NOW + 2)
    expect(await incidents().list(PAGE)).toEqual([])
    expect(await said('fleet render')).toEqual(['report: resolves incident i1', 'report: opens incident i1'])
    expect(await incidents().attempt(PAGE, ONE, NOW + 3)).toBe(true)
    expect(await incidents().list(PAGE)).toEqual([{ ...KNOWN, attemptedAt: NOW + 3 }])
  })

  test('that never were on the page end without a word', async () => {
    await incidents().attempt(PAGE, ONE, NOW)
    await incidents().over(PAGE, ONE.subject, NOW + 1)
    expect(await incidents().list(PAGE)).toEqual([])
    expect(await said('fleet render')).toEqual([])
  })

  test('that a person ended stay known until they are over', async () => {
    await incidents().opened(PAGE, { ...ONE, incidentId: 'i1' }, NOW)
    await incidents().dismissed(PAGE, ONE.subject, NOW + 1)
    expect(await incidents().list(PAGE)).toMatchObject([{ incidentId: 'i1', dismissedAt: NOW + 1 }])
    await incidents().over(PAGE, ONE.subject, NOW + 2)
    expect(await incidents().list(PAGE)).toEqual([])
    expect(await said('fleet render')).toEqual([
      'report: leaves what a person ended, incident i1',
      'report: opens incident i1',
    ])
  })

  test('are listed the oldest first, a hold among them', async () => {
    const hold = { ...ONE, kind: 'hold' as const, about: 'hold/3/x', since: NOW - 1, subject: 'hold/3/x@y' }
    await incidents().attempt(PAGE, ONE, NOW)
    await incidents().opened(PAGE, { ...hold, incidentId: 'i1' }, NOW)
    expect((await incidents().list(PAGE)).map(({ about }) => about)).toEqual(['hold/3/x', 'freeze/render'])
    expect(await said('hold 3')).toEqual(['report: opens incident i1'])
  })

  test('go with age once they are over', async () => {
    for (const [fleet, end] of [
      ['old', NOW],
      ['new', NOW + 10],
    ] as const) {
      await incidents().attempt(PAGE, freeze(fleet), NOW)
      await incidents().over(PAGE, freeze(fleet).subject, end)
    }
    await incidents().attempt(PAGE, freeze('open'), NOW)
    expect(await current().store.prune(NOW + 5)).toBe(1)
    const left = await current().database.db.selectFrom('incidents').select('about').execute()
    expect(left.map(({ about }) => about).toSorted()).toEqual(['freeze/new', 'freeze/open'])
  })

  test('leave a note of what was made of components', async () => {
    await incidents().componentAsked(PAGE, 'c1', 'partial_outage', NOW)
    expect(await incidents().components(PAGE)).toEqual(new Map([['c1', { asked: ['partial_outage'] }]]))
    await incidents().componentSet(PAGE, 'c1', 'partial_outage', NOW)
    expect(await incidents().components(PAGE)).toEqual(new Map([['c1', { status: 'partial_outage' }]]))
    for (const status of ['major_outage', 'operational', 'major_outage'] as const)
      await incidents().componentAsked(PAGE, 'c1', status, NOW)
    await incidents().componentAsked(PAGE, 'c2', 'degraded_performance', NOW)
    await incidents().componentLeft(PAGE, 'c2')
    expect(await incidents().components(PAGE)).toEqual(
      new Map([['c1', { status: 'partial_outage', asked: ['major_outage', 'operational'] }]]),
    )
    expect(await incidents().components('another')).toEqual(new Map())
  })
})
