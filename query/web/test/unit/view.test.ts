import { describe, expect, test } from 'vitest'
import { fromHash, preferred, toHash, type View } from '../../src/view'

describe('the address', () => {
  const whole: View = {
    lang: 'en', as: 'table', subject: 'bike_counters', show: 'bikes', slot: 'sunday-17', zone: 'CPT 04/à&b=c', place: '31555', dir: 'from',
    at: { zoom: 12.34, lat: 43.51234, lon: 1.56789 },
  }
  test('gives back the view it was made from', () => {
    expect(fromHash(toHash(whole), 'fr')).toEqual(whole)
  })
  test('leaves out what is by default', () => {
    expect(toHash({ lang: 'fr', as: 'map', subject: 'presence' })).toBe('#/presence?lang=fr')
    expect(fromHash('#/presence?lang=fr', 'en')).toEqual({ lang: 'fr', as: 'map', subject: 'presence' })
  })
  test('empty means the first subject in the visitor’s language', () => {
    expect(fromHash('', 'fr')).toEqual({ lang: 'fr', as: 'map' })
  })
  test.each(['#/%E0%A4%A', '#///??&&=', '#?at=NaN/1/2', '#/x?at=12/99/1', '#/x?at=99/43/1', '#/x?at=1/2', '#/x?lang=de&view=globe&dir=up', '#/<script>'])('%s never breaks the page', (hash) => {
    const view = fromHash(hash, 'fr')
    expect(view.lang).toBe('fr')
    expect(view.as).toBe('map')
    expect(view.at).toBeUndefined()
    expect(view.dir).toBeUndefined()
  })
  test('survives any text as identifiers', () => {
    for (const id of ['é', '%', '#?&=/', '31 555', '日本', "l'Hers"]) {
      expect(fromHash(toHash({ lang: 'fr', as: 'map', subject: id, zone: id }), 'fr')).toEqual({ lang: 'fr', as: 'map', subject: id, zone: id })
    }
  })
})

test('French unless the browser asks for English first', () => {
  expect(preferred(['en-GB', 'fr'])).toBe('en')
  expect(preferred(['fr-FR', 'en'])).toBe('fr')
  expect(preferred(['oc', 'en'])).toBe('fr')
  expect(preferred([])).toBe('fr')
})

describe('the address of a question', () => {
  test('holds the question, the subject and what is compared', () => {
    const view: View = { lang: 'fr', as: 'map', question: 9, subject: 'bike_counters', slot: '2025-12', with: '2025-01', zone: 'A' }
    expect(toHash(view)).toBe('#/q/9/bike_counters?slot=2025-12&zone=A&with=2025-01&lang=fr')
    expect(fromHash(toHash(view), 'en')).toEqual(view)
    expect(fromHash('#/q/12?lang=en&need=D&within=500', 'fr')).toEqual({ lang: 'en', as: 'map', question: 12, need: 'D', within: '500' })
  })
  test('is not taken for a subject, nor a subject for it', () => {
    expect(fromHash('#/q?lang=fr', 'fr').question).toBeUndefined()
    expect(fromHash('#/quiet?lang=fr', 'fr')).toEqual({ lang: 'fr', as: 'map', subject: 'quiet' })
  })
})
