/** The flows of a whole territory at the zoom of the map: between which zones, which are drawn, and what the others add up to. */
import type { Catalog, Flow, ZoneSystem } from './catalog'
import { arc, type FlowRows } from './flow'
import type { Zones } from './zone'

/** How many pairs are asked for where zones are put together. */
export const GREATEST = 300
/** How many pairs of a flow's own zones are read whole; of more, the greatest. */
export const WHOLE = 20_000
/** How many lines a map can hold and still be read. */
export const LINES = 80
/** Pixels between neighbours below which zones are put together. */
const APART = 60
/** Fewer zones make no map of flows. */
const FEWEST = 3

/** Mean distance in pixels between neighbouring zones of a system that fills the box, at a zoom. */
export function spacing(count: number, [west, south, east, north]: readonly number[], zoom: number): number {
  const size = (512 * 2 ** zoom) / 360 // pixels a degree of longitude
  const squeeze = Math.cos((((south! + north!) / 2) * Math.PI) / 180)
  return size * Math.sqrt(((east! - west!) * (north! - south!)) / squeeze / Math.max(1, count))
}

/** The systems in which a flow can be shown, finest first: its own, and those that its zones lie in. */
export function levels(catalog: Catalog, flow: Flow, own: Zones): ZoneSystem[] {
  const parents = Object.keys(own.raw.parents ?? {})
  return catalog.zone_systems.filter((s) => s.id === flow.zones || (parents.includes(s.id) && s.geometry === 'polygon' && s.count >= FEWEST && s.count < own.count))
    .sort((a, b) => b.count - a.count)
}

/** The finest system whose zones stand far enough apart at the zoom; the coarsest where none does. */
export function levelAt(catalog: Catalog, flow: Flow, own: Zones, zoom: number | undefined): string {
  const all = levels(catalog, flow, own)
  if (zoom === undefined) return flow.zones
  return (all.find((s) => spacing(s.count, catalog.territory.bbox, zoom) >= APART) ?? all.at(-1))?.id ?? flow.zones
}

export interface Pair { origin: number; destination: number; value: number; lo: number | null; hi: number | null; flag: number }

export interface Part { pairs: number; value: number }

/** The pairs drawn, greatest first, and where everything else is: each published pair is in one of the parts. */
export interface Overview { drawn: Pair[]; sum: number; others: Part; within: Part; outside: Part; withheld: number }

export function overview(rows: FlowRows, lines = LINES): Overview {
  const between: Pair[] = []
  const [within, outside]: Part[] = [{ pairs: 0, value: 0 }, { pairs: 0, value: 0 }]
  let withheld = 0
  rows.value.forEach((value, k) => {
    const [origin, destination] = [rows.origin[k] ?? null, rows.destination[k] ?? null]
    if (value === null || value === undefined) withheld++
    else if (origin === null || destination === null) { outside!.pairs++; outside!.value += value }
    else if (origin === destination) { within!.pairs++; within!.value += value }
    else between.push({ origin, destination, value, lo: rows.lo?.[k] ?? null, hi: rows.hi?.[k] ?? null, flag: rows.flag[k] ?? 0 })
  })
  between.sort((a, b) => b.value - a.value)
  const drawn = between.slice(0, lines).filter((p) => p.value > 0)
  const left = between.slice(drawn.length)
  const sum = (list: Pair[]) => list.reduce((s, p) => s + p.value, 0)
  return {
    drawn, sum: sum(drawn), within: within!, outside: outside!, withheld,
    others: { pairs: left.length + (rows.rest?.pairs ?? 0), value: sum(left) + (rows.rest?.value ?? 0) },
  }
}

/** The drawn pairs as lines: width in proportion, the widest 12 pixels and none under 1; small ones fainter, so that the great ones are seen. */
export function overviewArcs(found: Overview, zones: Zones): GeoJSON.FeatureCollection {
  const most = found.drawn[0]?.value ?? 1
  const at = (i: number): [number, number] => [zones.raw.lon[i]!, zones.raw.lat[i]!]
  return {
    type: 'FeatureCollection',
    features: found.drawn.map((p) => ({
      type: 'Feature', properties: { width: Math.max(1, (12 * p.value) / most), order: p.value },
      geometry: { type: 'LineString', coordinates: arc(at(p.origin), at(p.destination)) },
    })),
  }
}
