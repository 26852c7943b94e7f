import { describe, expect, test } from 'vitest'
import { counted, labelled, type Catalog, type Layer } from '../../src/catalog'
import { flagSentence, NOT_PUBLISHED } from '../../src/flag'
import { periodWords } from '../../src/period'
import { durationWords, groundWords, guessed, promises, shares, type Card } from '../../src/privacy'

const text = (t: string) => ({ fr: t, en: t })
const card: Card = {
  source: 's', title: text('S'), class: 'C', words: [text('of the gate')],
  gate: { class: 'C', unit: 'device', k: 20, epsilon: 1, guess: 0.7310595786, tables: [{ name: 'seen', l0: 48, levels: [{ system: 'iris', half_width: 85, cells: 4608, published: 2518 }, { system: '', half_width: 9, cells: 1, published: 1 }] }] },
}
const catalog = {
  measures: [{ id: 'seen', title: text('People seen'), table: 'seen', source: 's', class: 'C' }, { id: 'open', title: text('Open'), source: 'o', class: 'A' }], flows: [],
  zone_systems: [{ id: 'iris', title: text('Neighbourhoods') }],
  sources: [{ id: 's', title: text('S'), protected: true, unit: 'device', period: '2025-11', vintage: '2025', class: 'C' }, { id: 'o', title: text('O'), vintage: '2025', class: 'A' }],
} as unknown as Catalog

describe('the privacy card for a citizen', () => {
  test('promises what the gate does, with its own numbers and units', () => {
    const said = promises(card, 'en').join(' ')
    expect(said).toContain('fewer than 20 devices')
    expect(said).toContain('48 times at most')
    expect(said).toContain('95 times in 100')
  })
  test('speaks of no noise where there is none, and of nothing where there is no gate', () => {
    const plain = { ...card, gate: { ...card.gate!, epsilon: undefined, unit: 'enterprise', k: 3 } }
    expect(promises(plain, 'en').join(' ')).not.toMatch(/random draw/)
    expect(promises(plain, 'fr').join(' ')).toContain('moins de 3 entreprises')
    expect(promises({ ...card, gate: undefined }, 'fr')).toEqual(['of the gate'])
  })
  test('never says a chance of guessing lower than it is', () => {
    expect(guessed(card)).toBe(74)
    expect(guessed({ ...card, gate: { ...card.gate!, guess: 0.73 } })).toBe(73)
    expect(guessed({ ...card, gate: { ...card.gate!, guess: undefined } })).toBeUndefined()
  })
  test('says how much of each level is published, by the names that people know', () => {
    expect(shares(card, catalog, 'en')).toEqual([{ name: 'People seen · Neighbourhoods', published: 2518, cells: 4608, margin: 85 }])
  })
  test('writes durations and grounds as people do', () => {
    expect(durationWords('P30D', 'fr')).toBe('30 jours')
    expect(durationWords('P1Y', 'en')).toBe('1 year')
    expect(durationWords('P1M2D', 'fr')).toBe('P1M2D')
    expect(groundWords('public task', 'fr')).toBe('mission de service public')
    expect(groundWords('something else', 'fr')).toBe('something else')
  })
})

test('what a measure counts is known of protected sources only', () => {
  expect(counted(catalog, catalog.measures[0])).toEqual({ class: 'C', unit: 'device', period: '2025-11' })
  expect(counted(catalog, catalog.measures[1])).toBeUndefined()
  expect(counted(undefined, catalog.measures[0])).toBeUndefined()
})

test.each([
  ['2025-11', 'novembre 2025', 'November 2025'], ['2025-Q4', '4e trimestre 2025', 'fourth quarter of 2025'], ['2025', '2025', '2025'],
  ['2025-11-03/2025-11-10', /3.*9 novembre 2025/, /3.*9 November 2025/], ['some day', 'some day', 'some day'],
])('the period %s in words', (period, fr, en) => {
  expect(periodWords(period, 'fr')).toMatch(fr)
  expect(periodWords(period, 'en')).toMatch(en)
})

test('not published is explained by who holds the figure back', () => {
  expect(flagSentence(NOT_PUBLISHED, 'en', { counted: { class: 'C', unit: 'person', period: '' } })).toContain('look the same')
  expect(flagSentence(NOT_PUBLISHED, 'en', { class: 'D' })).toContain('threshold')
  expect(flagSentence(NOT_PUBLISHED, 'en', { class: 'A' })).toContain('too few people')
})

test('a code is written as its label, for the property that has labels only', () => {
  const layer = { style: { by: 'family', labels: { A: { fr: 'Services', en: 'Services (en)' } } } } as unknown as Layer
  expect(labelled(layer, 'family', 'A', 'en')).toBe('Services (en)')
  expect(labelled(layer, 'family', 'B', 'en')).toBe('B')
  expect(labelled(layer, 'name', 'A', 'en')).toBe('A')
})
