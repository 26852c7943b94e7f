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

/** Lower case without accents, ligatures, punctuation, and with "saint" for "st": what is compared when searching. */
export function fold(text: string): string {
  return text.toLowerCase().replace(/œ/g, 'oe').replace(/æ/g, 'ae').normalize('NFD').replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ').trim().replace(/\bst(e?)\b/g, 'saint$1')
}

/** Indexes of the zones whose names match, best first: whole name, start of the name, start of a word, anywhere. */
export function search(names: string[], query: string, limit = 8): number[] {
  const wanted = fold(query)
  if (!wanted) return []
  const rank = (name: string): number => {
    const folded = fold(name)
    if (folded === wanted) return 0
    if (folded.startsWith(wanted)) return 1
    if (folded.includes(` ${wanted}`)) return 2
    return folded.includes(wanted) ? 3 : 4
  }
  return names.map((name, i) => ({ i, name, rank: rank(name) })).filter((m) => m.rank < 4)
    .sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name, 'fr')).slice(0, limit).map((m) => m.i)
}
