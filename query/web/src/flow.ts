/** Flows: who goes from where to where. What is drawn, what is listed, and what is left to "the rest". */
import type { Frame } from './frame'
import type { Zones } from './zone'

export interface FlowRows {
  /** Index of a zone; null: outside the territory. */
  origin: (number | null)[]
  destination: (number | null)[]
  value: (number | null)[]
  lo?: (number | null)[]
  hi?: (number | null)[]
  flag: number[]
  /** What was not asked for: how many pairs, and the sum of their published figures. */
  rest?: { pairs: number; value: number }
}

export type Direction = 'to' | 'from'

/** One end of a flow as seen from the selected zone. */
export interface Partner { zone: number; value: number | null; lo: number | null; hi: number | null; flag: number }

export interface Partners {
  /** Largest first, without the zone itself; not published ones last. */
  all: Partner[]
  /** The drawn and listed ones. */
  top: Partner[]
  /** How many are not among them, and their sum. */
  rest: { zones: number; value: number }
  /** Sum over the other zones, what stays within the zone, and what comes from or goes outside the territory. */
  total: number
  inside: number | null
  outside: number | null
}

export const DRAWN = 20

export function partners(rows: FlowRows, zone: number, direction: Direction): Partners {
  const [mine, other] = direction === 'to' ? [rows.destination, rows.origin] : [rows.origin, rows.destination]
  const all: Partner[] = []
  let inside: number | null = null
  let outside: number | null = null
  mine.forEach((z, k) => {
    if (z !== zone) return
    const value = rows.value[k] ?? null
    const far = other[k] ?? null
    if (far === zone) inside = value
    else if (far === null) outside = value
    else all.push({ zone: far, value, lo: rows.lo?.[k] ?? null, hi: rows.hi?.[k] ?? null, flag: rows.flag[k] ?? 0 })
  })
  all.sort((a, b) => (b.value ?? -1) - (a.value ?? -1))
  const sum = (list: Partner[]) => list.reduce((s, p) => s + (p.value ?? 0), 0)
  const others = all.slice(DRAWN)
  return { all, top: all.slice(0, DRAWN), rest: { zones: others.length, value: sum(others) }, total: sum(all), inside, outside }
}

/** A frame of totals by zone over the other zones, or of the flows with one zone. Zones without a row have no value and flag 0. */
export function flowFrame(rows: FlowRows, count: number, direction: Direction, zone?: number): Frame {
  const frame: Frame = { value: new Array(count).fill(null), flag: new Array(count).fill(0) }
  if (zone !== undefined) {
    for (const p of partners(rows, zone, direction).all) {
      frame.value[p.zone] = p.value
      frame.flag[p.zone] = p.flag
    }
    return frame
  }
  const at = direction === 'to' ? rows.destination : rows.origin
  at.forEach((z, k) => {
    const value = rows.value[k]
    if (z !== null && value != null && rows.origin[k] !== rows.destination[k]) frame.value[z] = (frame.value[z] ?? 0) + value
  })
  return frame
}

const STEPS = 24

/** A curved line from one point to another, bending to its right so that both directions stay apart. */
export function arc(from: [number, number], to: [number, number]): [number, number][] {
  const squeeze = Math.cos((((from[1] + to[1]) / 2) * Math.PI) / 180)
  const [dx, dy] = [(to[0] - from[0]) * squeeze, to[1] - from[1]]
  const control = [(from[0] + to[0]) / 2 + (dy * 0.18) / squeeze, (from[1] + to[1]) / 2 - dx * 0.18]
  return Array.from({ length: STEPS + 1 }, (_, k) => {
    const t = k / STEPS
    const mix = (n: 0 | 1) => (1 - t) ** 2 * from[n] + 2 * t * (1 - t) * control[n]! + t ** 2 * to[n]
    return [mix(0), mix(1)]
  })
}

/** The drawn flows as lines with a width in pixels: the largest is 12, and none is thinner than 1. */
export function arcs(found: Partners, zone: number, direction: Direction, zones: Zones): GeoJSON.FeatureCollection {
  const top = found.top.filter((p) => p.value !== null && p.value > 0)
  const most = top[0]?.value ?? 1
  const at = (i: number): [number, number] => [zones.raw.lon[i]!, zones.raw.lat[i]!]
  return {
    type: 'FeatureCollection',
    features: top.map((p) => ({
      type: 'Feature', id: p.zone + 1,
      properties: { width: Math.max(1, (12 * p.value!) / most), order: p.value },
      geometry: { type: 'LineString', coordinates: direction === 'to' ? arc(at(p.zone), at(zone)) : arc(at(zone), at(p.zone)) },
    })),
  }
}
