import { describe, expect, test } from 'vitest'
import { overviewWords } from '../../src/answer/overview'
import type { Catalog, Flow } from '../../src/catalog'
import type { FlowRows } from '../../src/flow'
import { levelAt, overview, overviewArcs, spacing } from '../../src/overview'
import { Zones } from '../../src/zone'

const rows: FlowRows = {
  origin: [0, 1, 2, 0, null, 1, 2], destination: [1, 0, 1, 0, 1, 2, 0], value: [10, 40, 5, 100, 7, null, 3], flag: [0, 0, 0, 0, 0, 2, 0], rest: { pairs: 9, value: 12 },
}
const zonesOf = (n: number, parents = {}) => new Zones({ release: '', system: 'fine', ids: Array.from({ length: n }, (_, i) => String(i)), names: [], lon: Array.from({ length: n }, (_, i) => i / 10), lat: Array.from({ length: n }, () => 43), bbox: [], area_m2: [], parents })

describe('the flows of a territory', () => {
  const o = overview(rows, 2)
  test('are drawn from the greatest, and every published pair is in one of the parts', () => {
    expect(o.drawn.map((p) => p.value)).toEqual([40, 10])
    expect(o).toMatchObject({ sum: 50, others: { pairs: 11, value: 20 }, within: { pairs: 1, value: 100 }, outside: { pairs: 1, value: 7 }, withheld: 1 })
    const published = rows.value.reduce<number>((s, v) => s + (v ?? 0), 0) + rows.rest!.value
    expect(o.sum + o.others.value + o.within.value + o.outside.value).toBe(published)
  })
  test('are said with the sum of the others', () => {
    const said = overviewWords(o, { zones: 'communes', unit: 'actifs', decimals: 0, overlap: false }, 'fr').join(' ').replace(/[\u00a0\u202f]/g, ' ')
    expect(said).toBe('Les 2 plus grands trajets entre communes sont tracés : 50 actifs. L’épaisseur est proportionnelle au chiffre. Les autres, 11 trajets : 20 actifs. Sans changer de zone : 100 actifs. Avec l’extérieur du territoire : 7 actifs. 1 trajet non publié.')
  })
  test('are not added up where one person may count in several', () => {
    const said = overviewWords(o, { zones: 'communes', unit: 'people', decimals: 0, overlap: true }, 'en').join(' ')
    expect(said).toBe('The 2 greatest journeys between communes are drawn. Width is in proportion to the figure. The others, 11 journeys. 1 journey not published.')
  })
  test('have lines as wide as their figures are to the greatest', () => {
    expect(overviewArcs(o, zonesOf(3)).features.map((f) => f.properties!.width)).toEqual([12, 3])
  })
})

describe('the zones that flows are shown between', () => {
  const catalog = {
    territory: { bbox: [1.4, 43.4, 1.75, 43.62] },
    zone_systems: [{ id: 'one', count: 1, geometry: 'polygon' }, { id: 'six', count: 6, geometry: 'polygon' }, { id: 'fine', count: 36, geometry: 'polygon' }, { id: 'cells', count: 9, geometry: 'cell' }, { id: 'other', count: 5, geometry: 'polygon' }],
  } as unknown as Catalog
  const flow = { zones: 'fine' } as Flow
  const own = zonesOf(36, { one: [], six: [], cells: [] })
  test('stand apart at the zoom: fine ones from near, coarser ones from afar', () => {
    expect([6, 8, 9, 10, 12].map((z) => levelAt(catalog, flow, own, z))).toEqual(['six', 'six', 'six', 'fine', 'fine'])
  })
  test('are those that the fine ones lie in, and at least three', () => {
    expect(levelAt({ ...catalog, zone_systems: catalog.zone_systems.filter((s) => s.id !== 'six') }, flow, own, 6)).toBe('fine')
  })
  test('are the flow’s own where no zoom is known, as in a table', () => expect(levelAt(catalog, flow, own, undefined)).toBe('fine'))
  test('twice as far apart with each zoom', () => expect(spacing(36, [1.4, 43.4, 1.75, 43.62], 11) / spacing(36, [1.4, 43.4, 1.75, 43.62], 10)).toBeCloseTo(2, 9))
})
