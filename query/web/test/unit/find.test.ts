import { describe, expect, test } from 'vitest'
import { filesOf, Finder, fit, houseNumber } from '../../src/find/find'
import { foldWords } from '../../src/find/words'
import { searchFile } from '../../mock/visit'
import { catalog } from '../../mock/catalog'
import { answer } from '../../mock/server'
import type { Api } from '../../src/api'
import { Zones, type ZonesAnswer } from '../../src/zone'

const fits = (typed: string, name: string, place = '') => fit(foldWords(typed), foldWords(name), foldWords(place)) !== undefined

describe('words of an address', () => {
  test.each([
    ['av gal de gaulle', 'avenue du Général-de-Gaulle'], ['bd st michel', 'boulevard Saint-Michel'], ['pl. marche', 'place du Marché'], ['CH ECLUSE', 'chemin de l’Écluse'],
    ['rue egl', 'rue de l’Église'], ['mihcel', 'boulevard Saint-Michel'], ['generale gaule', 'avenue du Général-de-Gaulle'],
  ])('%s finds %s', (typed, name) => expect(fits(typed, name)).toBe(true))
  test.each([['rue du port', 'place du Marché'], ['boulevard zola', 'boulevard Saint-Michel'], ['xx', 'rue de l’Église']])('%s does not find %s', (typed, name) => expect(fits(typed, name)).toBe(false))
  test('the place counts as a word of the name, and an exact name comes first', () => {
    expect(fits('mairie castelorbe', 'Mairie', 'Castelorbe')).toBe(true)
    const how = (name: string) => fit(foldWords('rue de l’eglise'), foldWords(name), [])!
    expect(how('rue de l’Église')).toBeLessThan(how('rue de l’Église-Vieille'))
    expect(how('rue de l’Église')).toBeLessThan(how('chemin de l’Église'))
  })
  test('house numbers, with their suffix', () => {
    expect(houseNumber(foldWords('12 bis, rue X'))).toEqual({ number: '12 bis', rest: ['rue', 'x'] })
    expect(houseNumber(foldWords('3b rue X')).number).toBe('3b')
    expect(houseNumber(foldWords('rue du 8 mai')).number).toBeUndefined()
  })
  test('files are those whose words may begin so', () => {
    expect(filesOf(['abbaye', 'ecluse', 'gaulle', 'michel'], 'ecl')).toEqual([0, 1])
    expect(filesOf(['abbaye', 'ecluse', 'gaulle', 'michel'], 'zz')).toEqual([3])
    expect(filesOf([], 'a')).toEqual([])
  })
})

describe('a search in the files of the release', () => {
  const read: string[] = []
  const api = { index: async (layer: string, file: string) => { read.push(`${layer}/${file}`); return searchFile(layer, file) } } as unknown as Api
  const zonesOf = async (s: string) => new Zones(JSON.parse(answer(`/zones/${s}`)!.body.toString()) as ZonesAnswer)
  const finder = new Finder(api, catalog, zonesOf)

  test('an address with its number, in its place', async () => {
    const [group] = await finder.find('2bis bd st michel', 'fr')
    expect(group!.title).toBe('Adresses')
    expect(group!.found[0]!.name).toBe('2 bis boulevard Saint-Michel')
    const street = (await finder.find('bd st michel', 'fr'))[0]!.found.find((f) => f.within === group!.found[0]!.within)!
    expect(group!.found[0]!.lon - street.lon).toBeCloseTo(20 / 1e5, 9)
  })
  test('a number that the street does not have leaves the street', async () => expect((await finder.find('99 bd st michel', 'en'))[0]!.found[0]!.name).toBe('boulevard Saint-Michel'))
  test('a facility, in the language of the visitor', async () => {
    const groups = await finder.find('ecole', 'en')
    expect(groups.map((g) => g.title)).toContain('Facilities')
    expect(groups.find((g) => g.title === 'Facilities')!.found[0]!.name).toMatch(/^École/)
  })
  test('the place narrows the search', async () => {
    const { names } = (await zonesOf('commune')).raw
    const found = (await finder.find(`gaulle ${names[3]}`, 'fr'))[0]!.found
    expect(found.map((f) => f.within)).toEqual([names[3]])
  })
  test('only the files that the words point to are read, each once', async () => {
    expect(new Set(read).size).toBe(read.length)
    expect(read).not.toContain('facilities/n0')
  })
  test('nothing for nothing', async () => {
    expect(await finder.find('', 'fr')).toEqual([])
    expect(await finder.find('qqqq wwww', 'fr')).toEqual([])
  })
})
