/** Every feature of a layer of points, from its GeoParquet file: tiles aggregate points from afar, the file does not. Loaded when first needed. */
import { decompress } from 'fzstd'
import { parquetReadObjects } from 'hyparquet'
import type { Api } from './api'
import type { Polygons } from './area/read'
import type { FeatureRow, Properties } from './feature'

async function rowsOf(api: Api, address: string): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: await api.file(address), compressors: { ZSTD: (bytes, length) => decompress(bytes, new Uint8Array(length)) } })
}

/** The polygons of a layer, in degrees. */
export async function polygonsOf(api: Api, address: string): Promise<Polygons> {
  return (await rowsOf(api, address)).flatMap(({ geometry }): Polygons => {
    const g = geometry as GeoJSON.Geometry | null
    return g?.type === 'Polygon' ? [g.coordinates as Polygons[0]] : g?.type === 'MultiPolygon' ? g.coordinates as Polygons : []
  })
}

/** The features with a point; ids as tiles give them. */
export async function pointsOf(api: Api, address: string): Promise<FeatureRow[]> {
  const rows = await rowsOf(api, address)
  return rows.flatMap(({ id, geometry, ...rest }): FeatureRow[] => {
    const at = (geometry as { type?: string; coordinates?: number[] } | null)
    if (at?.type !== 'Point') return []
    const properties = Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== null && v !== undefined).map(([k, v]) => [k, typeof v === 'bigint' ? Number(v) : v])) as Properties
    return [{ id: String(id), lon: at.coordinates![0]!, lat: at.coordinates![1]!, properties }]
  })
}
