/** The catalogue of a release, as the server sends it: what there is to see, in which words, from which sources. */

/** A sentence or a name in the two languages of the product. */
export interface Text { fr: string; en: string }

/** West, south, east, north in degrees. */
export type BBox = [number, number, number, number]

export interface Territory {
  id: string
  title: Text
  publisher: Text
  /** Every figure is invented: the page says so on every view. */
  synthetic: boolean
  bbox: BBox
  time_zone: string
}

export interface ZoneSystem {
  id: string
  title: Text
  count: number
  geometry: 'polygon' | 'point' | 'line' | 'cell'
  finer?: string
  coarser?: string
  source?: string
}

export interface Property {
  name: string
  type: 'text' | 'integer' | 'number' | 'boolean'
  title?: Text
  unit?: string
}

/** How a layer is drawn (model.Style): colours are CSS hex colours, width and radius are pixels at zoom 14. */
export interface Style {
  as?: 'fill' | 'line' | 'circle' | 'extrusion'
  colour?: string
  outline?: string
  opacity?: number
  width?: number
  dashed?: boolean
  by?: string
  colours?: Record<string, string>
  /** What the texts of the property "by" mean, where they are codes. */
  labels?: Record<string, Text>
  ramp?: 'sequential' | 'diverging'
  classes?: number
  label?: string
}

/** What a planner sees: geometry, properties and measures. */
export interface Layer {
  id: string
  title: Text
  summary?: Text
  question?: number
  geometry: 'point' | 'line' | 'polygon'
  zones?: string
  source?: string
  sources?: string[]
  minzoom: number
  maxzoom: number
  bbox?: BBox
  features: number
  /** Address of the tiles with {z}/{x}/{y}, of this release only. */
  tiles: string
  properties?: Property[]
  measures?: string[]
  flows?: string[]
  background?: boolean
  order?: number
  audience?: string
  style?: Style
  download?: string
  /** Its features can be searched for. */
  search?: { title: Text; entries: number; addresses?: boolean }
}

export interface Range { min: number; max: number; breaks: number[] }

/** Range of the values in one zone system; by slot kind where the measure has several, whose sizes differ. */
export interface MeasureSystem extends Range { zones: string; kinds?: Record<string, Range>; account?: Account }

/** What the figures leave out: of the rows, those in no zone and those without the time; of finer zones, those in none. */
export interface Account { rows: number; outside: number; untimed: number; orphans: number }

export interface Total { slot: string; value: number; lo: number; hi: number; rests?: Record<string, number> }

export interface Measure {
  id: string
  title: Text
  summary?: Text
  unit: Text
  decimals: number
  class?: string
  source: string
  systems: MeasureSystem[]
  slots: string[]
  /** Of protected figures: the table they are drawn in and, in a histogram or a split, their class of it. */
  table?: string
  member?: Text
  /** The whole territory by slot, and by system what is in no published figure of its zones. */
  totals?: Total[]
  /** The figure of two zones is not the sum of theirs. */
  mean?: boolean
}

export interface Flow {
  id: string
  title: Text
  summary?: Text
  unit: Text
  decimals: number
  class?: string
  source: string
  zones: string
  slots: string[]
  total?: number
  max?: number
  table?: string
}

export interface Source {
  id: string
  title: Text
  producer: string
  licence: string
  attribution?: string
  vintage: string
  url?: string
  class?: string
  read: number
  loaded: number
  skipped?: number
  rejected?: { code: string; count: number }[]
  sha256?: string
  absent?: boolean
  /** Its rows are about people (or households, enterprises): they went through the gate. */
  protected?: boolean
  unit?: string
  period?: string
}

/** A guided tour as it is listed. */
export interface TourEntry { id: string; title: Text; summary?: Text; question?: number; steps: number }

export interface Catalog {
  release: string
  built_at: string
  territory: Territory
  zone_systems: ZoneSystem[]
  layers: Layer[]
  measures: Measure[]
  flows: Flow[]
  sources: Source[]
  tours: TourEntry[]
}

/** Fills in the lists that a server may leave out or send as null. */
export function complete(raw: Catalog): Catalog {
  return {
    ...raw,
    zone_systems: raw.zone_systems ?? [],
    layers: raw.layers ?? [],
    measures: (raw.measures ?? []).map((m) => ({ ...m, slots: m.slots ?? ['all'], systems: m.systems ?? [] })),
    flows: (raw.flows ?? []).map((f) => ({ ...f, slots: f.slots ?? ['all'] })),
    sources: raw.sources ?? [],
    tours: raw.tours ?? [],
  }
}

/** The layers offered as subjects, questions first, then as the territory orders its layers. */
export function subjects(catalog: Catalog): Layer[] {
  return catalog.layers
    .filter((l) => !l.background && (l.audience ?? 'public') === 'public')
    .sort((a, b) => (a.question || 99) - (b.question || 99) || (a.order ?? 50) - (b.order ?? 50))
}

/** The layers of the background map, lowest first. */
export function background(catalog: Catalog): Layer[] {
  return catalog.layers.filter((l) => l.background).sort((a, b) => (a.order ?? 50) - (b.order ?? 50))
}

/** What a subject can show: its measures that exist in its zone system, then its flows. */
export function offers(catalog: Catalog, layer: Layer): (Measure | Flow)[] {
  const measures = (layer.measures ?? [])
    .map((id) => catalog.measures.find((m) => m.id === id))
    .filter((m): m is Measure => !!m && m.systems.some((s) => s.zones === layer.zones))
  const flows = (layer.flows ?? []).map((id) => catalog.flows.find((f) => f.id === id)).filter((f): f is Flow => !!f)
  return [...measures, ...flows]
}

export const isFlow = (shown: Measure | Flow): shown is Flow => !('systems' in shown)

/** The text in the language, or in the other one when it was not written. */
export const say = (text: Text | undefined, lang: 'fr' | 'en'): string => text ? text[lang] || text.fr || text.en || '' : ''

/** A layer that draws the places, to know what lies in one. */
export function placeLayer(catalog: Catalog): Layer | undefined {
  const system = placeSystem(catalog)
  return catalog.layers.find((l) => l.geometry === 'polygon' && l.zones !== undefined && l.zones === system?.id)
}

/** The system whose zones are places with names people know: the one searched for. Coarsest polygon system called commune first. */
export function placeSystem(catalog: Catalog): ZoneSystem | undefined {
  const named = catalog.zone_systems.filter((s) => s.geometry === 'polygon')
  return named.find((s) => s.id === 'commune') ?? named.at(-1)
}

/** What the figures of a protected source count: the class of protection, one unit, and the declared window. */
export interface Counted { class: string; unit: string; period: string }

/** Of a protected measure or flow: what its figures count. Undefined for any other. */
export function counted(catalog: Catalog | undefined, shown: Measure | Flow | undefined): Counted | undefined {
  const source = shown && catalog?.sources.find((s) => s.id === shown.source)
  if (!source || !(source.protected ?? shown.table)) return undefined
  return { class: shown.class ?? source.class ?? 'C', unit: source.unit || 'person', period: source.period || source.vintage }
}

/** A text of a property as people read it: its label where the style gives one. */
export function labelled(layer: Layer | undefined, property: string | undefined, text: string, lang: 'fr' | 'en'): string {
  return property !== undefined && property === layer?.style?.by ? say(layer.style.labels?.[text], lang) || text : text
}
