import { describe, expect, test } from 'vitest'
import { fold, search, typos } from '../../src/match'
import { Zones } from '../../src/zone'

const NAMES = ['Péchabou', 'Saint-Orens-de-Gameville', 'Sainte-Foy-d’Aigrefeuille', 'Labège', 'Auzeville-Tolosane', 'Castanet-Tolosan', 'Pechbusque', 'Vieillevigne', 'Belberaud', 'Le Bœuf']

describe('search of a commune', () => {
  const names = (query: string) => search(NAMES, query).map((i) => NAMES[i])
  test('forgives accents, case, hyphens and ligatures', () => {
    expect(names('PECHABOU')).toEqual(['Péchabou'])
    expect(names('labege')).toEqual(['Labège'])
    expect(names('boeuf')).toEqual(['Le Bœuf'])
    expect(names('sainte foy d aigre')).toEqual(['Sainte-Foy-d’Aigrefeuille'])
  })
  test('knows that st is saint', () => {
    expect(names('st orens')).toEqual(['Saint-Orens-de-Gameville'])
    expect(names('ste foy')).toEqual(['Sainte-Foy-d’Aigrefeuille'])
  })
  test('puts beginnings of names before beginnings of words before the rest', () => {
    expect(names('tolosan')).toEqual(['Auzeville-Tolosane', 'Castanet-Tolosan'])
    expect(names('be')[0]).toBe('Belberaud')
    expect(names('be')).toContain('Labège')
  })
  test('finds nothing in nothing, and nothing where nothing is', () => {
    expect(names('  ')).toEqual([])
    expect(names('zzz')).toEqual([])
    expect(names('.*')).toEqual([])
  })
})

test('folding is stable', () => {
  for (const n of NAMES) expect(fold(fold(n))).toBe(fold(n))
})

describe('names of zones', () => {
  const places = new Zones({ release: '', system: 'commune', ids: ['31001'], names: ['Labège'], lon: [1], lat: [43], bbox: [[1, 43, 1, 43]], area_m2: [1] })
  const cells = new Zones({
    release: '', system: 'cell_200m', ids: ['CRS3035RES200mN2306000E3695200', 'CRS3035RES200mN1E2'], names: ['', ''], lon: [1, 1], lat: [43, 43],
    bbox: [[1, 43, 1, 43], [1, 43, 1, 43]], area_m2: [4e4, 4e4], parents: { commune: [0, null] },
  })
  test('a cell is named by its commune and its grid coordinates', () => {
    expect(cells.name(0, 'fr', places)).toBe('Labège · Carreau N2306000 E3695200')
    expect(cells.name(1, 'en', places)).toBe('Cell N1 E2')
  })
  test('a zone without a name is called by its id', () => {
    expect(new Zones({ ...places.raw, names: [''] }).name(0, 'fr')).toBe('31001')
  })
  test('zones are found by id', () => {
    expect(cells.at('CRS3035RES200mN1E2')).toBe(1)
    expect(cells.at('nowhere')).toBeUndefined()
  })
})

describe('a search forgives typing errors', () => {
  const names = ['Castelorbe', 'Combelongue', 'Mirevalet', 'Villorbe-la-Neuve', 'Lauzières', 'Péchabœuf']
  test.each([['castelrobe', 'Castelorbe'], ['mirvalet', 'Mirevalet'], ['vilorbe la', 'Villorbe-la-Neuve'], ['lozières', 'Lauzières'], ['pechaboeuff', 'Péchabœuf'], ['lauxi', 'Lauzières']])('%s finds %s', (typed, name) => {
    expect(search(names, typed).map((i) => names[i])[0]).toBe(name)
  })
  test('but not short words, nor anything at all', () => {
    expect(search(names, 'cmb')).toEqual([])
    expect(search(names, 'toulouse')).toEqual([])
  })
  test('right spelling comes first', () => expect(search(['Castelorbes', 'Castalorbe'], 'castalorbe').map((i) => i)[0]).toBe(1))
  test('swapped neighbours are one error', () => expect(typos('ab', 'ba')).toBe(1))
})
