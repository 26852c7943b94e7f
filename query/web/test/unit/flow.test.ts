import { describe, expect, test } from 'vitest'
import { arc, arcs, DRAWN, flowFrame, partners, type FlowRows } from '../../src/flow'
import { Zones } from '../../src/zone'

/** 30 zones; zone 0 receives i from each zone i, 7 stay inside, and one flow is not published. */
const rows: FlowRows = {
  origin: [...Array.from({ length: 29 }, (_, i) => i + 1), 0, 3],
  destination: [...Array.from({ length: 29 }, () => 0), 0, 5],
  value: [...Array.from({ length: 29 }, (_, i) => (i === 28 ? null : i + 1)), 7, 100],
  flag: [...Array.from({ length: 29 }, (_, i) => (i === 28 ? 2 : 0)), 0, 0],
}

describe('the flows of one zone', () => {
  const found = partners(rows, 0, 'to')
  test('the drawn ones and the rest add up to the total', () => {
    const drawn = found.top.reduce((s, p) => s + (p.value ?? 0), 0)
    expect(found.top).toHaveLength(DRAWN)
    expect(drawn + found.rest.value).toBe(found.total)
    expect(found.total).toBe((28 * 29) / 2)
    expect(found.rest.zones + found.top.length).toBe(29)
  })
  test('what stays inside is not among them', () => {
    expect(found.inside).toBe(7)
    expect(found.all.some((p) => p.zone === 0)).toBe(false)
  })
  test('the largest comes first, what is not published last', () => {
    expect(found.all[0]).toMatchObject({ zone: 28, value: 28 })
    expect(found.all.at(-1)).toMatchObject({ zone: 29, value: null, flag: 2 })
  })
  test('what crosses the border of the territory is apart, and colours no zone', () => {
    const crossing: FlowRows = { origin: [1, null, 0], destination: [0, 0, null], value: [5, 40, 9], flag: [0, 0, 0] }
    expect(partners(crossing, 0, 'to')).toMatchObject({ total: 5, outside: 40, inside: null })
    expect(partners(crossing, 0, 'from')).toMatchObject({ total: 0, outside: 9 })
    expect(flowFrame(crossing, 2, 'to').value).toEqual([45, null])
    expect(flowFrame(crossing, 2, 'from').value).toEqual([9, 5])
  })
  test('the other direction is another list', () => {
    expect(partners(rows, 3, 'from').all.map((p) => [p.zone, p.value])).toEqual([[5, 100], [0, 3]])
  })
})

describe('zones coloured by flows', () => {
  test('totals leave out what stays inside', () => {
    const frame = flowFrame(rows, 30, 'to')
    expect(frame.value[0]).toBe((28 * 29) / 2)
    expect(frame.value[5]).toBe(100)
    expect(frame.value[9]).toBeNull()
  })
  test('with a zone chosen, each partner has its flow', () => {
    const frame = flowFrame(rows, 30, 'to', 0)
    expect(frame.value[12]).toBe(12)
    expect(frame.value[0]).toBeNull()
    expect(frame.flag[29]).toBe(2)
  })
})

describe('arcs', () => {
  test('go from one end to the other, and the way back takes the other side', () => {
    const there = arc([1, 43], [1.2, 43.1])
    const back = arc([1.2, 43.1], [1, 43])
    expect(there[0]).toEqual([1, 43])
    expect(there.at(-1)!.map((v) => Number(v.toFixed(9)))).toEqual([1.2, 43.1])
    expect(Math.abs(there[12]![1] - back[12]![1])).toBeGreaterThan(0.01)
  })
  test('widths are proportional to the flows', () => {
    const zones = new Zones({ release: '', system: 'z', ids: rows.origin.map(String), names: [], lon: rows.origin.map((i) => (i ?? 0) / 100), lat: rows.origin.map(() => 43), bbox: [], area_m2: [] })
    const drawn = arcs(partners(rows, 0, 'to'), 0, 'to', zones).features.map((f) => f.properties!.width as number)
    expect(drawn[0]).toBe(12)
    expect(drawn[13]! / drawn[0]!).toBeCloseTo(15 / 28, 6)
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(1)
  })
})
