/** Which zones of a layer lie in a polygon: read from the same tiles as the map's. */
import type { Api } from '../api'
import type { BBox, Layer } from '../catalog'
import { decode, world, type Tile } from '../feature'
import type { Zones } from '../zone'
import { SLIVER, type Cover, type Crossed } from './figure'
import type { Polygons } from './read'
import { areaOf, boxOf, clip, contains, oriented, shared, type Box, type Rings, type XY } from './shape'

/** At most this many tiles are read for one polygon. */
const TILES = 40
const EARTH = 40_075_016.686 // metres around, EPSG:3857

/** Web Mercator, the world being the unit square with its origin in the south-west. */
export function mercator([lon, lat]: XY): XY {
  const [x, y] = world(lon, lat)
  return [x, 1 - y]
}

export const planar = (polygons: Polygons): Rings => oriented(polygons.map((rings) => rings.map((ring) => ring.map(mercator))))

/** Square metres of a shape of a few kilometres, from its area in the unit square and a latitude of it. */
export const squareMetres = (area: number, lat: number): number => area * (EARTH * Math.cos((lat * Math.PI) / 180)) ** 2

const meets = (a: Box, b: Box) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]

/** What of a shape lies in a box and around it: a long shape is compared with many small zones. */
const near = (shape: Rings, [w, s, e, n]: Box, margin = 1e-7): Rings => shape.map((r) => clip(r, [w - margin, s - margin, e + margin, n + margin])).filter((r) => r.length > 2)

/** The tiles of the layer over the boxes, at the finest zoom that needs few enough. */
function tilesOver(layer: Layer, boxes: Box[]): Tile[] {
  for (let z = layer.maxzoom; ; z--) {
    const n = 2 ** z
    const found = new Set<number>()
    for (const [w, s, e, north] of boxes) {
      for (let x = Math.floor(w * n); x <= Math.floor(e * n) && found.size <= TILES; x++) {
        for (let y = Math.floor((1 - north) * n); y <= Math.floor((1 - s) * n) && found.size <= TILES; y++) found.add(y * n + x)
      }
    }
    if (found.size <= TILES || z <= layer.minzoom) return [...found].map((k) => ({ z, x: k % n, y: Math.floor(k / n) }))
  }
}

/** The pieces of the wanted zones in a tile, cut at its edges, in the unit square. */
async function pieces(api: Api, layer: Layer, tile: Tile, wanted: Set<number>): Promise<{ zone: number; rings: Rings }[]> {
  const found = await decode(api, layer, tile)
  const { z, x, y } = tile
  const n = 2 ** z
  const edge: Box = [x / n, 1 - (y + 1) / n, (x + 1) / n, 1 - y / n]
  return Array.from({ length: found?.length ?? 0 }, (_, i) => found!.feature(i)).flatMap((f) => {
    const zone = Number(f.id) - 1
    if (!wanted.has(zone)) return []
    // Rings of a tile end where they began, and turn the way their depth says.
    const rings = f.loadGeometry().map((ring) => clip(ring.slice(0, -1).map((p): XY => [(x + p.x / f.extent) / n, 1 - (y + p.y / f.extent) / n]), edge)).filter((r) => r.length > 2)
    return rings.length ? [{ zone, rings }] : []
  })
}

export async function coverOf(api: Api, layer: Layer, zones: Zones, polygons: Polygons): Promise<Cover> {
  const shape = planar(polygons)
  const box = boxOf(shape.flat())
  const lat = polygons[0]![0]![0]![1]
  const out: Cover = { inside: [], crossed: [], area: squareMetres(areaOf(shape), lat) }
  if (layer.geometry === 'point') {
    out.inside = zones.raw.ids.map((_, i) => i).filter((i) => contains(shape, mercator([zones.raw.lon[i]!, zones.raw.lat[i]!])))
    return out
  }
  const bounds = zones.raw.bbox.map(([w, s, e, n]: BBox): Box => [...mercator([w, s]), ...mercator([e, n])])
  const unsure = new Map<number, Box>()
  bounds.forEach((b, i) => {
    if (!meets(b, box)) return
    const size = (b[2] - b[0]) * (b[3] - b[1])
    if (size > 0 && areaOf(near(shape, b, 0)) >= size * (1 - 1e-9)) out.inside.push(i)
    else unsure.set(i, b)
  })
  if (unsure.size === 0) return out
  const wanted = new Set(unsure.keys())
  const [whole, part] = [new Map<number, number>(), new Map<number, number>()]
  const tiles = tilesOver(layer, [...unsure.values()])
  for (const list of await Promise.all(tiles.map((t) => pieces(api, layer, t, wanted)))) {
    for (const { zone, rings } of list) {
      whole.set(zone, (whole.get(zone) ?? 0) + areaOf(rings))
      part.set(zone, (part.get(zone) ?? 0) + shared(near(shape, unsure.get(zone)!), rings))
    }
  }
  const total = areaOf(shape)
  const crossed: Crossed[] = []
  for (const [zone, size] of whole) {
    const inside = part.get(zone) ?? 0
    const share = size > 0 ? inside / size : 0
    if (share >= 1 - SLIVER) out.inside.push(zone)
    else if (share >= SLIVER || (inside > 0 && inside >= SLIVER * total)) crossed.push({ zone, share })
  }
  out.inside.sort((a, b) => a - b)
  out.crossed = crossed.sort((a, b) => a.zone - b.zone)
  return out
}
