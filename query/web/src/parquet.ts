/** Every feature of a layer of points, from its GeoParquet file: tiles aggregate points from afar, the file does not. Loaded when first needed. */
import { decompress } from 'fzstd'
import { parquetReadObjects } from 'hyparquet'
import type { Api } from './api'
import type { FeatureRow, Properties } from './feature'

/** The features with a point; ids as tiles give them. */
export async function pointsOf(api: Api, address: string): Promise<FeatureRow[]> {
  const file = await api.file(address)
  const rows = await parquetReadObjects({ file, compressors: { ZSTD: (bytes, length) => decompress(bytes, new Uint8Array(length)) } })
  return rows.flatMap(({ id, geometry, ...rest }): FeatureRow[] => {
    const at = (geometry as { type?: string; coordinates?: number[] } | null)
    if (at?.type !== 'Point') return []
    const properties = Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== null && v !== undefined).map(([k, v]) => [k, typeof v === 'bigint' ? Number(v) : v])) as Properties
    return [{ id: String(id), lon: at.coordinates![0]!, lat: at.coordinates![1]!, properties }]
  })
}
