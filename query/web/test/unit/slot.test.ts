import { describe, expect, test } from 'vitest'
import { firstSlot, following, hourOf, kindOf, kindsIn, meaningWords, neighbours, onDay, slotBrief, slotShort, slotWords, spanOf, track } from '../../src/slot'

const hours = ['weekday', 'saturday', 'sunday'].flatMap((d) => Array.from({ length: 24 }, (_, h) => `${d}-${String(h).padStart(2, '0')}`))
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('the kind of a slot', () => {
  test.each([['all', 'all'], ['weekday-08', 'hour'], ['sunday-23', 'hour'], ['saturday', 'day_type'], ['2026-03', 'month'], ['2026-03-14', 'date']])('%s is %s', (slot, kind) => {
    expect(kindOf(slot)).toBe(kind)
  })
  test.each(['weekday-24', 'monday-08', '2026-13', '2026-02-31x', '', 'weekday-8', 'weekdays', '2026-00-10', '2026-99-99'])('%s is not a slot', (slot) => {
    expect(kindOf(slot)).toBeUndefined()
  })
})

describe('a slot in words', () => {
  test('says the day type, the hour and that it is an average, in French', () => {
    expect(plain(slotWords('weekday-08', 'fr'))).toBe('Jours ouvrés (lundi à vendredi), 8 h – 9 h, heure moyenne')
  })
  test('and in English', () => {
    expect(slotWords('weekday-08', 'en')).toBe('Weekdays (Monday to Friday), 08:00–09:00, average hour')
  })
  test('says that holidays count as Sundays', () => {
    expect(slotWords('sunday-00', 'fr')).toContain('Dimanches et jours fériés')
    expect(slotWords('sunday-23', 'en')).toBe('Sundays and public holidays, 23:00–24:00, average hour')
  })
  test('of a day type is an average day', () => {
    expect(slotWords('saturday', 'fr')).toBe('Samedis, jour moyen')
    expect(slotWords('sunday', 'en')).toBe('Sundays and public holidays, average day')
    expect(slotBrief('weekday', 'fr')).toBe('semaine')
    expect(track(['weekday', 'saturday', 'weekday-08', '2025-01'], 'saturday')).toEqual(['weekday', 'saturday'])
  })
  test('months and dates do not shift with the visitor’s time zone', () => {
    expect(slotWords('2026-01', 'fr')).toBe('Janvier 2026')
    expect(slotWords('2026-01', 'en')).toBe('January 2026')
    expect(slotWords('2026-03-01', 'fr')).toBe('Dimanche 1 mars 2026')
    expect(slotWords('2026-03-01', 'en')).toMatch(/^Sunday,? 1 March 2026$/)
  })
  test('is short on an axis and lower-case inside a French sentence', () => {
    expect(slotShort('saturday-06', 'fr')).toBe('6 h')
    expect(slotShort('saturday-06', 'en')).toBe('06:00')
    expect(slotBrief('saturday-06', 'fr')).toBe('samedi, 6 h – 7 h')
    expect(slotBrief('2026-06', 'en')).toBe('June 2026')
  })
})

describe('moving along the slider', () => {
  test('stays on the day type', () => {
    expect(track(hours, 'saturday-10')).toHaveLength(24)
    expect(track(hours, 'saturday-10').every((s) => hourOf(s)?.day === 'saturday')).toBe(true)
  })
  test('fetches the next, the previous and the one after', () => {
    expect(neighbours(hours, 'weekday-08')).toEqual(['weekday-09', 'weekday-07', 'weekday-10'])
    expect(neighbours(hours, 'weekday-23')).toEqual(['weekday-22'])
  })
  test('play starts again after the last hour, on the same day type', () => {
    expect(following(hours, 'weekday-23')).toBe('weekday-00')
    expect(following(['2025-01', '2025-02'], '2025-02')).toBe('2025-01')
  })
  test('keeps months apart from dates', () => {
    const slots = ['2025-01', '2025-02', '2025-01-05', '2025-01-06']
    expect(kindsIn(slots)).toEqual(['month', 'date'])
    expect(track(slots, '2025-01-05')).toEqual(['2025-01-05', '2025-01-06'])
  })
  test('begins with the morning peak, else with the latest month', () => {
    expect(firstSlot(hours)).toBe('weekday-08')
    expect(firstSlot(['2025-01', '2025-02', '2025-01-05'])).toBe('2025-02')
    expect(firstSlot(['all', 'weekday', 'saturday', '2025-01'])).toBe('weekday')
    expect(firstSlot(['all'])).toBe('all')
    expect(firstSlot(['weekday', 'saturday', 'sunday', '2025-01'])).toBe('weekday')
    expect(firstSlot(['sunday-10', 'sunday-11'])).toBe('sunday-10')
  })
})

describe('spans of hours', () => {
  test.each([['weekday-06-09', 'three_hours'], ['sunday-21-24', 'three_hours'], ['saturday-00-12', 'half_day'], ['weekday-12-24', 'half_day']])('%s is %s', (slot, kind) => {
    expect(kindOf(slot)).toBe(kind)
  })
  test.each(['weekday-07-10', 'weekday-06-12', 'weekday-21-27', 'weekday-12-12', 'weekday-09-06', 'weekday-6-9', 'monday-06-09', 'weekday-06-09-12'])('%s is not a slot', (slot) => {
    expect(kindOf(slot)).toBeUndefined()
  })
  const spans = ['weekday', 'saturday'].flatMap((d) => ['06-09', '09-12', '00-12', '12-24'].map((s) => `${d}-${s}`))
  test('are offered apart from hours and followed within their kind and day', () => {
    expect(kindsIn([...hours, ...spans, 'weekday'])).toEqual(['hour', 'three_hours', 'half_day', 'day_type'])
    expect(track(spans, 'saturday-06-09')).toEqual(['saturday-06-09', 'saturday-09-12'])
    expect(track([...hours, ...spans], 'weekday-08')).toHaveLength(24)
  })
  test('read in both languages, long and short', () => {
    expect(plain(slotWords('weekday-06-09', 'fr'))).toContain('6 h – 9 h')
    expect(slotWords('weekday-06-09', 'en')).toContain('06:00–09:00')
    expect(slotBrief('saturday-00-12', 'fr')).toBe('samedi, 0 h – 12 h')
    expect(slotShort('weekday-06-09', 'fr')).toBe('6–9 h')
    expect(slotShort('weekday-12-24', 'en')).toBe('Week. 12–24')
    expect(slotShort('sunday-00-12', 'fr')).toBe('Dim. 0–12 h')
  })
  test('move to another type of day at the same hours', () => {
    expect(onDay('weekday-06-09', 'sunday')).toBe('sunday-06-09')
    expect(onDay('weekday', 'sunday')).toBe('sunday')
    expect(spanOf('sunday-21-24')).toEqual({ day: 'sunday', from: 21, to: 24 })
  })
})

describe('what a protected figure counts', () => {
  const people = { class: 'C', unit: 'person', period: '2025-11' }
  test('is different people over the period, never an average hour', () => {
    expect(plain(slotWords('weekday-08', 'fr', people))).toBe('Jours ouvrés (lundi à vendredi), 8 h – 9 h : personnes différentes vues dans ce créneau, novembre 2025')
    expect(slotWords('weekday-08', 'en', people)).toBe('Weekdays (Monday to Friday), 08:00–09:00: different people seen in this slot, November 2025')
    for (const slot of ['weekday-08', 'saturday', 'weekday-06-09', 'all']) for (const lang of ['fr', 'en'] as const) expect(slotWords(slot, lang, people)).not.toMatch(/moyen|average/)
  })
  test('is a sum over the period for enterprises', () => {
    expect(meaningWords('all', 'en', { class: 'E', unit: 'enterprise', period: '2025' })).toBe('over the period, 2025')
  })
})
