/** Features read from tiles, for tables and panels: the same bytes as the map's, without the map. Loaded when first needed. */
import { VectorTile, type VectorTileLayer } from '@mapbox/vector-tile'
import { PbfReader } from 'pbf'
import type { Api } from './api'
import { contains, type Rings, type XY } from './area/shape'
import type { BBox, Layer } from './catalog'

export type Properties = Record<string, string | number | boolean>

/** A feature and one point of it. */
export interface FeatureRow { id: string; lon: number; lat: number; properties: Properties }

/** At most this many tiles are read for one table. */
const TILES = 12

export interface Tile { z: number; x: number; y: number }

/** Web Mercator, the world being the unit square with its origin in the north-west. */
export function world(lon: number, lat: number): [x: number, y: number] {
  const s = Math.sin((Math.min(85, Math.max(-85, lat)) * Math.PI) / 180)
  return [(lon + 180) / 360, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)]
}

const column = (lon: number, z: number) => Math.floor(world(lon, 0)[0] * 2 ** z)
const row = (lat: number, z: number) => Math.floor(world(0, lat)[1] * 2 ** z)

/** The tiles of the layer that cover the box at its finest affordable zoom; undefined when even its coarsest needs too many. */
export function cover(layer: Pick<Layer, 'minzoom' | 'maxzoom'>, [west, south, east, north]: BBox): Tile[] | undefined {
  for (let z = layer.maxzoom; z >= layer.minzoom; z--) {
    const [x0, x1, y0, y1] = [column(west, z), column(east, z), row(north, z), row(south, z)]
    if ((x1 - x0 + 1) * (y1 - y0 + 1) > TILES) continue
    const tiles: Tile[] = []
    for (let x = x0; x <= x1; x++) for (let y = y0; y <= y1; y++) tiles.push({ z, x, y })
    return tiles
  }
  return undefined
}

/** The layer as one tile holds it; undefined where the tile holds nothing of it. */
export async function decode(api: Api, layer: Layer, { z, x, y }: Tile): Promise<VectorTileLayer | undefined> {
  const bytes = await api.tile(layer.tiles.replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y)))
  return bytes.byteLength ? new VectorTile(new PbfReader(new Uint8Array(bytes))).layers[layer.id] : undefined
}

type LonLat = [lon: number, lat: number]

/** A feature as one tile holds it, with its vertices. */
interface Piece extends FeatureRow { vertices: LonLat[] }

async function read(api: Api, layer: Layer, tile: Tile): Promise<Piece[]> {
  const found = await decode(api, layer, tile)
  if (!found) return []
  const { z, x, y } = tile
  return Array.from({ length: found.length }, (_, i) => {
    const feature = found.feature(i)
    const vertices = feature.loadGeometry().flat().map((p): LonLat => {
      const [wx, wy] = [(x + p.x / feature.extent) / 2 ** z, (y + p.y / feature.extent) / 2 ** z]
      return [wx * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * wy))) * 180) / Math.PI]
    })
    const [lon, lat] = vertices[0] ?? [0, 0]
    return { id: String(feature.properties.id ?? feature.id ?? ''), properties: feature.properties as Properties, lon, lat, vertices }
  })
}

/**
 * The features of the layer with a vertex in the box and, when given, in a place: a line that passes through a commune is
 * listed for it. Each once; undefined when the box is too wide to list them.
 */
export async function featuresIn(api: Api, layer: Layer, box: BBox, inside: (lon: number, lat: number) => boolean = () => true): Promise<FeatureRow[] | undefined> {
  const tiles = cover(layer, box)
  if (!tiles) return undefined
  const rows = new Map<string, FeatureRow>()
  for (const pieces of await Promise.all(tiles.map((tile) => read(api, layer, tile)))) {
    for (const { vertices, ...row } of pieces) {
      const at = vertices.find(([lon, lat]) => lon >= box[0] && lon <= box[2] && lat >= box[1] && lat <= box[3] && inside(lon, lat))
      if (at && !rows.has(row.id)) rows.set(row.id, { ...row, lon: at[0], lat: at[1] })
    }
  }
  return [...rows.values()]
}

/** Tells which points lie in the feature with that id, from the polygons of a layer's tiles. */
export async function insideOf(api: Api, layer: Layer, id: string, box: BBox): Promise<(lon: number, lat: number) => boolean> {
  const tiles = cover(layer, box) ?? []
  const rings = new Map<string, Rings>()
  await Promise.all(tiles.map(async (tile) => {
    const found = await decode(api, layer, tile)
    for (let i = 0; i < (found?.length ?? 0); i++) {
      const feature = found!.feature(i)
      if (String(feature.properties.id) !== id) continue
      const key = `${tile.x}/${tile.y}`
      const scaled = feature.loadGeometry().map((ring) => ring.map((p): XY => [p.x / feature.extent, p.y / feature.extent]))
      rings.set(key, [...rings.get(key) ?? [], ...scaled])
    }
  }))
  const z = tiles[0]?.z ?? 0
  return (lon, lat) => {
    const [x, y] = [world(lon, lat)[0] * 2 ** z, world(lon, lat)[1] * 2 ** z]
    return contains(rings.get(`${Math.floor(x)}/${Math.floor(y)}`) ?? [], [x % 1, y % 1])
  }
}

/** The properties of one feature that covers the point. */
export async function propertiesOf(api: Api, layer: Layer, id: string, lon: number, lat: number): Promise<Properties | undefined> {
  const z = layer.maxzoom
  const rows = await read(api, layer, { z, x: column(lon, z), y: row(lat, z) })
  return rows.find((f) => f.id === id)?.properties
}

/** What is seen around a map position in a window of ordinary size. */
export function boxAround(at: { zoom: number; lat: number; lon: number }, width = 1000, height = 700): BBox {
  const degrees = 360 / (512 * 2 ** at.zoom)
  const dx = (width / 2) * degrees
  const dy = (height / 2) * degrees * Math.cos((at.lat * Math.PI) / 180)
  return [at.lon - dx, at.lat - dy, at.lon + dx, at.lat + dy]
}
