/** The zones of one system, in the order of the frames: figure i of a frame is about zone i. */
import { words, type Lang } from './words'
import type { BBox } from './catalog'

export interface ZonesAnswer {
  release: string
  system: string
  ids: string[]
  names: string[]
  lon: number[]
  lat: number[]
  bbox: BBox[]
  area_m2: number[]
  parents?: Record<string, (number | null)[]>
}

export class Zones {
  private readonly index: Map<string, number>

  constructor(readonly raw: ZonesAnswer) {
    this.index = new Map(raw.ids.map((id, i) => [id, i]))
  }

  get system(): string { return this.raw.system }
  get count(): number { return this.raw.ids.length }
  id(i: number): string { return this.raw.ids[i] ?? '' }
  at(id: string): number | undefined { return this.index.get(id) }

  /** Index of the zone of a coarser system that it lies in. */
  parent(i: number, system: string): number | undefined { return this.raw.parents?.[system]?.[i] ?? undefined }

  /** Its name; for a cell, where it is and its grid coordinates. */
  name(i: number, lang: Lang, places?: Zones): string {
    const name = this.raw.names[i]
    const id = this.id(i)
    if (name && name !== id) return name
    const where = places && this.parent(i, places.system)
    const cell = id.match(/RES(\d+)mN(\d+)E(\d+)$/)
    const short = cell ? words(lang).cell(cell[2]!, cell[3]!) : id
    return where === undefined ? short : `${places!.name(where, lang)} · ${short}`
  }
}
