import { describe, expect, test } from 'vitest'
import { answer } from '../../mock/server.ts'
import type { Api } from '../../src/api'
import type { Catalog } from '../../src/catalog'
import { boxAround, cover, featuresIn, insideOf, propertiesOf } from '../../src/feature'

const catalog = JSON.parse(answer('/catalog')!.body.toString()) as Catalog
const layer = (id: string) => catalog.layers.find((l) => l.id === id)!
const api = { tile: async (address: string) => { const b = answer(address)!.body; return b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength) } } as unknown as Api

describe('tiles that cover a box', () => {
  test('are the finest affordable ones', () => {
    const tiles = cover({ minzoom: 9, maxzoom: 14 }, [1.45, 43.5, 1.5, 43.54])!
    expect(tiles.length).toBeGreaterThan(0)
    expect(tiles.length).toBeLessThanOrEqual(12)
    expect(tiles[0]!.z).toBeGreaterThan(9)
  })
  test('none when even the coarsest are too many', () => {
    expect(cover({ minzoom: 13, maxzoom: 14 }, [1.4, 43.4, 1.75, 43.62])).toBeUndefined()
  })
})

describe('features read from tiles', () => {
  test('each once, where they are, with their properties', async () => {
    const rows = (await featuresIn(api, layer('facilities'), catalog.territory.bbox))!
    expect(rows.length).toBe(layer('facilities').features)
    expect(new Set(rows.map((r) => r.id)).size).toBe(rows.length)
    expect(rows.every((r) => r.lon > 1.3 && r.lon < 1.8 && r.lat > 43.3 && r.lat < 43.7)).toBe(true)
    expect(rows[0]!.properties).toHaveProperty('type')
  })
  test('those of a commune are within its borders, not within its box', async () => {
    const zones = JSON.parse(answer('/zones/commune')!.body.toString()) as { ids: string[]; names: string[]; bbox: [number, number, number, number][] }
    const found: number[] = []
    for (let i = 0; i < 6; i++) {
      const inside = await insideOf(api, layer('communes'), zones.ids[i]!, zones.bbox[i]!)
      const kept = (await featuresIn(api, layer('facilities'), zones.bbox[i]!, inside))!
      // the invented facilities carry the name of their commune
      expect(kept.every((r) => String(r.properties.nom).endsWith(zones.names[i]!))).toBe(true)
      found.push(kept.length)
    }
    expect(Math.min(...found)).toBeGreaterThan(0)
  })
  test('a road that passes through several communes is listed for each of them', async () => {
    const zones = JSON.parse(answer('/zones/commune')!.body.toString()) as { ids: string[]; bbox: [number, number, number, number][] }
    let seen = 0
    for (let i = 0; i < zones.ids.length; i++) {
      const inside = await insideOf(api, layer('communes'), zones.ids[i]!, zones.bbox[i]!)
      const rows = (await featuresIn(api, layer('roads'), zones.bbox[i]!, inside))!
      expect(new Set(rows.map((r) => r.id)).size).toBe(rows.length)
      if (rows.some((r) => r.properties.nom === 'A 661')) seen++
    }
    expect(seen).toBeGreaterThan(3)
  })
  test('one feature is found by its id', async () => {
    const zones = JSON.parse(answer('/zones/commune')!.body.toString()) as { ids: string[]; lon: number[]; lat: number[] }
    expect(await propertiesOf(api, layer('communes'), zones.ids[3]!, zones.lon[3]!, zones.lat[3]!)).toHaveProperty('altitude')
  })
})

test('a window around a position grows as the zoom falls', () => {
  const near = boxAround({ zoom: 14, lat: 43.5, lon: 1.5 })
  const far = boxAround({ zoom: 12, lat: 43.5, lon: 1.5 })
  expect((far[2] - far[0]) / (near[2] - near[0])).toBeCloseTo(4, 6)
  expect(near[0]).toBeLessThan(1.5)
})
