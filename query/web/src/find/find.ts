/** Finds zones, addresses and facilities in what the release holds: no question leaves for elsewhere. Loaded when someone types. */
import type { Api } from '../api'
import { placeSystem, say, subjects, type Catalog, type Layer } from '../catalog'
import { errorsAllowed, typos } from '../match'
import { once } from '../once'
import type { Zones } from '../zone'
import type { Lang } from '../words'
import { ARTICLES, COMMON, foldWords } from './words'

export interface Found {
  name: string
  /** The place that it lies in. */
  within: string
  lon: number
  lat: number
  /** A zone of a system, or a feature of a layer. */
  zone?: { system: string; i: number }
  feature?: { layer: string; id: string }
}

export interface Group { title: string; found: Found[] }

type Entry = [name: string, place: number, lon: number, lat: number, ref: number | string]
interface Index { place: string; entries: number; words: string[]; numbers: number[] }
type Street = [texts: string[], east: number[], north: number[]]

const GRAIN = 1e5
const SHOWN = 5
/** Files of names read for one search, and words tried. */
const FILES = 4
const TRIED = 3
const MANY_ZONES = 3000

/** How badly a word fits another: 0 the same, 1 its start, 3 with typing errors (one from four letters, two from eight); undefined: not. */
function wordFit(wanted: string, word: string): number | undefined {
  if (word === wanted) return 0
  if (word.startsWith(wanted)) return 1
  if (wanted[0] !== word[0] && (wanted[0] !== word[1] || wanted[1] !== word[0])) return undefined // nobody mistypes the first letter
  const allowed = errorsAllowed(wanted)
  if (!allowed || /\d/.test(wanted)) return undefined
  const errors = typos(wanted, word)
  return errors <= allowed ? 2 + errors : undefined
}

/** How badly all words fit a name and its place; undefined when one that matters has no counterpart. */
export function fit(wanted: string[], name: string[], place: string[]): number | undefined {
  let sum = 0
  for (const w of wanted) {
    const of = (words: string[]) => words.reduce<number | undefined>((best, x) => { const f = wordFit(w, x); return f === undefined ? best : Math.min(best ?? 9, f) }, undefined)
    const own = of(name)
    const there = own ?? of(place)
    if (there !== undefined) sum += there + (own === undefined ? 0.5 : 0)
    else if (COMMON.has(w)) sum += ARTICLES.has(w) ? 0 : 4 // an article that the name leaves out, or another kind of street
    else return undefined
  }
  return sum + Math.max(0, name.length - wanted.length) * 0.1
}

/** "12 bis rue …" as its number and the rest. */
export function houseNumber(words: string[]): { number?: string; rest: string[] } {
  const [first, second] = words
  const one = first?.match(/^(\d{1,4})(bis|ter|quater|[a-d])?$/)
  if (!first || !one) return { rest: words }
  if (one[2]) return { number: first, rest: words.slice(1) }
  if (second && /^(bis|ter|quater|[a-d])$/.test(second)) return { number: `${first} ${second}`, rest: words.slice(2) }
  return { number: first, rest: words.slice(1) }
}

/** The files whose words may begin as wanted. */
export function filesOf(firsts: string[], start: string): number[] {
  const end = `${start}\uffff`
  return firsts.flatMap((first, i) => (first <= end && (firsts[i + 1] ?? '\uffff') >= start ? [i] : [])).slice(0, FILES)
}

const unique = <T>(list: T[], key: (item: T) => string): T[] => [...new Map(list.map((x) => [key(x), x])).values()]

export class Finder {
  private readonly kept = new Map<string, Promise<unknown>>()

  constructor(private readonly api: Api, private readonly catalog: Catalog, private readonly zonesOf: (system: string) => Promise<Zones>) {}

  private file<T>(layer: string, name: string): Promise<T> {
    return once(this.kept, `${layer}/${name}`, () => this.api.index<T>(layer, name))
  }

  /** What fits, by group: finer zones, then addresses, then facilities; addresses first when the search begins with a number. */
  async find(text: string, lang: Lang): Promise<Group[]> {
    const words = foldWords(text)
    if (words.join('').length < 2) return []
    const layers = subjects(this.catalog).filter((l) => l.search).sort((a, b) => Number(!!b.search!.addresses) - Number(!!a.search!.addresses))
    const zones = this.zones(words, lang)
    const asked = await Promise.all(layers.map(async (l) => ({ title: say(l.search!.title, lang), found: await this.features(l, words).catch(() => []) })))
    const own = await zones
    return (/^\d/.test(words[0]!) ? [...asked, ...own] : [...own, ...asked]).filter((g) => g.found.length)
  }

  private async zones(words: string[], lang: Lang): Promise<Group[]> {
    const places = placeSystem(this.catalog)
    const systems = this.catalog.zone_systems.filter((s) => s.geometry === 'polygon' && s.id !== places?.id && s.count <= MANY_ZONES)
    const groups = await Promise.all(systems.map(async (s): Promise<Group> => {
      const zones = await this.zonesOf(s.id).catch(() => undefined)
      const over = places && zones?.raw.parents?.[places.id] ? await this.zonesOf(places.id) : undefined
      const fits = (zones?.raw.names ?? []).flatMap((name, i) => {
        const parent = over && zones!.parent(i, over.system)
        const within = parent === undefined ? '' : over!.raw.names[parent]!
        if (!name || name === within || name === zones!.id(i)) return []
        const how = fit(words, foldWords(name), foldWords(within))
        return how === undefined ? [] : [{ how, name, within, lon: zones!.raw.lon[i]!, lat: zones!.raw.lat[i]!, zone: { system: s.id, i } }]
      })
      return { title: say(s.title, lang), found: best(fits) }
    }))
    return groups
  }

  private async features(layer: Layer, words: string[]): Promise<Found[]> {
    const index = await this.file<Index>(layer.id, 'index')
    const places = index.place ? await this.zonesOf(index.place).catch(() => undefined) : undefined
    const asked = layer.search!.addresses ? houseNumber(words) : { rest: words }
    let fits = await this.entries(layer, index, places, asked.rest)
    const number = fits.length ? asked.number : undefined
    if (!fits.length && asked.number) fits = await this.entries(layer, index, places, words) // "8 mai 1945"
    if (number === undefined) return best(fits).map(({ street: _, ...f }) => f)
    const houses = await Promise.all(best(fits, SHOWN * 4).map((f) => this.at(layer, index, f, number)))
    return houses.sort((a, b) => Number(b.house) - Number(a.house)).slice(0, SHOWN).map(({ house: _, ...f }) => f) // the streets that have that number first
  }

  /** Entries that fit, read from the files that the rarest words point to. */
  private async entries(layer: Layer, index: Index, places: Zones | undefined, wanted: string[]): Promise<(Found & { how: number; street?: number })[]> {
    const keys = wanted.filter((w) => !COMMON.has(w) && w.length > 1).sort((a, b) => b.length - a.length).slice(0, TRIED)
    for (const key of keys) {
      const starts = [key.slice(0, 4), key.slice(0, 2), key[1]! + key[0]!]
      for (const start of [...new Set(starts)]) {
        const lists = await Promise.all(filesOf(index.words, start).map((i) => this.file<Entry[]>(layer.id, `w${i}`)))
        const fits = unique(lists.flat(), (e) => `${e[4]}`).flatMap(([name, place, lon, lat, ref]) => {
          const within = place < 0 ? '' : places?.raw.names[place] ?? ''
          const how = fit(wanted, foldWords(name), foldWords(within))
          return how === undefined ? [] : [{ how, name, within, lon: lon / GRAIN, lat: lat / GRAIN, ...(typeof ref === 'number' ? { street: ref } : { feature: { layer: layer.id, id: ref } }) }]
        })
        if (fits.length) return fits
      }
    }
    return []
  }

  /** The street, or its house where the number is known. */
  private async at(layer: Layer, index: Index, { street, ...found }: Found & { street?: number }, number: string): Promise<Found & { house: boolean }> {
    if (street === undefined) return { ...found, house: false }
    const i = index.numbers.findLastIndex((from) => from <= street)
    const [texts, east, north] = (await this.file<Street[]>(layer.id, `n${i}`))[street - index.numbers[i]!]!
    const plain = (t: string) => foldWords(t).join('')
    const k = texts.findIndex((t) => plain(t) === plain(number))
    return k < 0 ? { ...found, house: false } : { ...found, house: true, name: `${texts[k]!} ${found.name}`, lon: found.lon + east[k]! / GRAIN, lat: found.lat + north[k]! / GRAIN }
  }
}

function best<T extends Found & { how: number }>(fits: T[], most = SHOWN): Omit<T, 'how'>[] {
  return fits.sort((a, b) => a.how - b.how || a.name.localeCompare(b.name, 'fr', { numeric: true })).slice(0, most).map(({ how: _, ...rest }) => rest)
}

/** The zone that holds a point: of squares the one whose middle is nearest, of others by their shapes in the tiles. */
export async function zoneAt(api: Api, layer: Layer, zones: Zones, cells: boolean, lon: number, lat: number): Promise<number | undefined> {
  const near = zones.raw.bbox.flatMap((b, i) => (lon >= b[0] && lon <= b[2] && lat >= b[1] && lat <= b[3] ? [i] : []))
  const away = (i: number) => Math.hypot((zones.raw.lon[i]! - lon) * Math.cos((lat * Math.PI) / 180), zones.raw.lat[i]! - lat)
  near.sort((a, b) => away(a) - away(b))
  if (cells) return near[0]
  const { insideOf } = await import('../feature')
  for (const i of near) if ((await insideOf(api, layer, zones.id(i), zones.raw.bbox[i]!))(lon, lat)) return i
  return undefined
}
