/** Every feature of a layer of points, from its GeoParquet file: tiles aggregate points from afar, the file does not. Loaded when first needed. */
import { decompress } from 'fzstd'
import { parquetReadObjects } from 'hyparquet'
import type { Api } from './api'
import type { Polygons } from './area/read'
import type { FeatureRow, Properties } from './feature'

/** Every feature with its shape; numbers and texts as JSON has them. */
export async function featuresOf(api: Api, address: string): Promise<{ id: string; properties: Properties; geometry: GeoJSON.Geometry | null }[]> {
  const file = await api.file(address)
  const rows = await parquetReadObjects({ file, compressors: { ZSTD: (bytes, length) => decompress(bytes, new Uint8Array(length)) } })
  return rows.map(({ id, geometry, ...rest }) => ({
    id: String(id), geometry: (geometry as GeoJSON.Geometry | null) ?? null,
    properties: Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== null && v !== undefined).map(([k, v]) => [k, typeof v === 'bigint' ? Number(v) : v instanceof Date ? v.toISOString() : v])) as Properties,
  }))
}

/** The polygons of a layer, in degrees. */
export async function polygonsOf(api: Api, address: string): Promise<Polygons> {
  return (await featuresOf(api, address)).flatMap(({ geometry: g }): Polygons =>
    (g?.type === 'Polygon' ? [g.coordinates as Polygons[0]] : g?.type === 'MultiPolygon' ? g.coordinates as Polygons : []))
}

/** The features with a point; ids as tiles give them. */
export async function pointsOf(api: Api, address: string): Promise<FeatureRow[]> {
  return (await featuresOf(api, address)).flatMap(({ id, properties, geometry }): FeatureRow[] =>
    (geometry?.type === 'Point' ? [{ id, lon: geometry.coordinates[0]!, lat: geometry.coordinates[1]!, properties }] : []))
}
