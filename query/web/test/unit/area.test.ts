import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { random } from '../../mock/random'
import { compose } from '../../src/area/figure'
import { box, fromAddress, readFile, toAddress, toGeoJSON, Unusable } from '../../src/area/read'
import { areaOf, clip, contains, crossesItself, oriented, shared, type XY } from '../../src/area/shape'

const square = (x: number, y: number, side = 1): XY[] => [[x, y], [x + side, y], [x + side, y + side], [x, y + side]]

/** A star around a point: simple, and concave as a rule. */
const star = (next: () => number, points: number): XY[] => {
  const [x, y] = [next() * 4, next() * 4]
  return Array.from({ length: points }, (_, k) => { const r = 0.3 + 2 * next(); const a = (2 * Math.PI * k) / points; return [x + r * Math.cos(a), y + r * Math.sin(a)] })
}

describe('the area that two polygons share', () => {
  test('is that of squares', () => {
    expect(shared([square(0, 0)], [square(0.5, 0.25)])).toBeCloseTo(0.375, 12)
    expect(shared([square(0, 0)], [square(2, 2)])).toBe(0)
  })
  test('counts borders that coincide once, and whichever way they turn', () => {
    expect(shared([square(0, 0)], [square(0, 0)])).toBeCloseTo(1, 12)
    expect(shared([square(0, 0)], [square(1, 0)])).toBeCloseTo(0, 12)
    expect(shared([square(0, 0)], [square(0, 0, 2).reverse()])).toBeCloseTo(1, 12)
  })
  test('leaves holes out', () => expect(shared(oriented([[square(0, 0, 4), square(1, 1, 2)]]), [square(0, 0, 2)])).toBeCloseTo(3, 12))
  test('is what GEOS finds, for concave shapes with holes', (context) => {
    const next = random(20261124)
    const pairs = Array.from({ length: 120 }, (_, k) => [star(next, 5 + (k % 40)), star(next, 4 + (k % 17))] as const)
    const code = 'import json,sys\nfrom shapely.geometry import Polygon\nprint(json.dumps([Polygon(a).intersection(Polygon(b)).area for a,b in json.load(sys.stdin)]))'
    const found = spawnSync('/usr/bin/python3', ['-c', code], { input: JSON.stringify(pairs), encoding: 'utf8' })
    if (found.status !== 0) return context.skip('Debian’s python3-shapely is not installed')
    const judged = JSON.parse(found.stdout) as number[]
    expect(judged.filter((a) => a > 0.01).length).toBeGreaterThan(40)
    pairs.forEach(([a, b], i) => expect(shared(oriented([[a]]), oriented([[b]]))).toBeCloseTo(judged[i]!, 9))
  })
  test('of parts adds up to that of the whole', () => {
    const next = random(7)
    for (let k = 0; k < 50; k++) {
      const [a, b] = [oriented([[star(next, 30)]]), oriented([[star(next, 20)]])]
      const cut = next() * 4
      const [left, right] = [[-9, -9, cut, 9], [cut, -9, 9, 9]].map((edge) => b.map((r) => clip(r, edge as [number, number, number, number])).filter((r) => r.length > 2))
      expect(shared(a, left!) + shared(a, right!)).toBeCloseTo(shared(a, b), 9)
      expect(areaOf(left!) + areaOf(right!)).toBeCloseTo(areaOf(b), 9)
    }
  })
})

describe('a shape', () => {
  test('that crosses itself is known, one that touches itself is not one', () => {
    expect(crossesItself([[[0, 0], [2, 2], [2, 0], [0, 2]]])).toBe(true)
    expect(crossesItself([square(0, 0)])).toBe(false)
    expect(crossesItself([[[0, 0], [1, 1], [2, 0], [2, 2], [1, 1], [0, 2]]])).toBe(false)
  })
  test('holds what is in it and not in its holes', () => {
    const ring = oriented([[square(0, 0, 4), square(1, 1, 2)]])
    expect([contains(ring, [0.5, 0.5]), contains(ring, [2, 2]), contains(ring, [5, 5])]).toEqual([true, false, false])
  })
  test('is read from GeoJSON with its parts and holes', () => {
    const text = JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [[...square(1, 43, 2), [1, 43]], [...square(1.5, 43.5), [1.5, 43.5]]] } }, { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 43] } }] })
    const found = readFile('a.geojson', text)
    expect([found.length, found[0]!.length]).toEqual([1, 2])
    expect(readFile('b.json', toGeoJSON(found))).toHaveLength(1)
  })
  const why = (name: string, text: string): string => { try { readFile(name, text); return '' } catch (error) { return error instanceof Unusable ? error.why.fr : 'not Unusable' } }
  test('that cannot be used says why, in words', () => {
    expect(why('a.geojson', '{"type":"Point","coordinates":[1,2]}')).toContain('aucun polygone')
    expect(why('a.geojson', 'not json')).toContain('ni du GeoJSON ni du KML')
    expect(why('a.geojson', JSON.stringify({ type: 'Polygon', coordinates: [square(574000, 6270000)] }))).toContain('WGS 84')
    expect(why('a.geojson', JSON.stringify({ type: 'Polygon', coordinates: [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]] }))).toContain('recoupe')
    expect(why('a.geojson', JSON.stringify({ type: 'MultiPolygon', coordinates: [[square(0, 0)], [square(0.5, 0)]] }))).toContain('recouvrent')
    expect(why('a.geojson', JSON.stringify({ type: 'Polygon', coordinates: [[[0, 0], ['x', 1], [1, 1]]] }))).toContain('nombre')
    expect(why('a.geojson', JSON.stringify({ type: 'Polygon', coordinates: [[[0, 0], [1, 1], [2, 2]]] }))).toContain('surface')
    for (const odd of ['null', '[]', '{}', '{"type":"Polygon"}', '{"type":"MultiPolygon","coordinates":[[null]]}', '{"type":"Feature","geometry":null}', '{"type":"Polygon","coordinates":[[1,2]]}']) expect(why('a.geojson', odd)).not.toBe('')
  })
  test('goes into an address and back, when it is short', () => {
    const found = box(1.4, 43.4, 1.5, 43.5)
    expect(fromAddress(toAddress(found)!)).toEqual(found)
    expect(toAddress([[Array.from({ length: 61 }, (_, k): XY => [k, k * k])]])).toBeUndefined()
    expect([fromAddress('nonsense'), fromAddress('1,2;3'), fromAddress('1,2;NaN,3;4,5')]).toEqual([undefined, undefined, undefined])
  })
})

describe('the figure of a polygon', () => {
  const frame = { value: [10, 10, 10, null, null], lo: [8, 9, 10, null, null], hi: [13, 11, 12, null, null], flag: [0, 0, 0, 2, 3] }
  test('counts zones inside whole and crossed ones by their share, between nothing and all of them', () => {
    expect(compose({ inside: [0, 1], crossed: [{ zone: 2, share: 0.25 }], area: 1 }, frame)).toMatchObject({ value: 22.5, whole: 20, lo: 17, hi: 36, flag: 1 })
  })
  test('is exact, without interval, where its zones are', () => {
    expect(compose({ inside: [0, 1], crossed: [], area: 1 }, { value: [3, 4], flag: [0, 0] })).toMatchObject({ value: 7, lo: null, hi: null, flag: 0 })
  })
  test('that lacks a zone is partial, and bounds nothing', () => {
    expect(compose({ inside: [0, 3, 4], crossed: [], area: 1 }, frame)).toMatchObject({ value: 10, lo: null, hi: null, flag: 4, notPublished: 1, noData: 1 })
  })
  test('is no number, and not zero, where nothing is published', () => {
    expect(compose({ inside: [3], crossed: [], area: 1 }, frame)).toMatchObject({ value: null, flag: 2 })
    expect(compose({ inside: [], crossed: [], area: 1 }, frame)).toMatchObject({ value: null, flag: 3 })
  })
})
