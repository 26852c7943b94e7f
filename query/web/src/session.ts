/** One visit: what is looked at, what has been loaded for it, and everything a visitor can do. */
import { Api, Problem } from './api'
import { answerers, answering } from './ask'
import { counted, isFlow, offers, placeLayer, placeSystem, say, subjects, type BBox, type Catalog, type Flow, type Layer, type Measure, type Text } from './catalog'
import type { Polygons } from './area/read'
import type { XY } from './area/shape'
import type { Found } from './find/find'
import type { FeatureRow, Properties } from './feature'
import type { FlowRows } from './flow'
import { flowFigures, wideFlows } from './journeys'
import { Frames, type Frame, type Profile } from './frame'
import type { Card } from './privacy'
import { looksOf, scale, type Look, type Scale } from './legend'
import { once } from './once'
import type { Overview } from './overview'
import { firstSlot, following, kindOf, neighbours, slotWords } from './slot'
import { fromHash, preferred, toHash, type View } from './view'
import { words } from './words'
import type { Tour } from './tour'
import type { Zones } from './zone'

export interface State {
  view: View
  catalog?: Catalog
  /** The catalogue could not be had: nothing can be shown. */
  fatal?: Problem
  /** The figures of this subject could not be had. */
  problem?: Problem
  layer?: Layer
  shown?: Measure | Flow
  slot: string
  zones?: Zones
  places?: Zones
  /** Figures by zone at frameSlot, and what they look like. */
  frame?: Frame
  frameSlot?: string
  rows?: FlowRows
  /** The greatest flows between the zones of a system that suits the zoom of the map. */
  wide?: { zones: Zones; rows: FlowRows; found: Overview }
  scale?: Scale
  looks?: Look[]
  profile?: Profile
  /** Figures of the subject's other measures, for the panel. */
  others: { measure: Measure; frame: Frame }[]
  /** Properties of the selected zone or feature. */
  feature?: FeatureRow
  /** Features of the visible part of the map; null: too many. */
  features?: FeatureRow[] | null
  /** Corners of an area that is being drawn. */
  sketch?: XY[]
  /** The visitor's own area when it came from a file or was just drawn. */
  shape?: Polygons
  /** Why the last one drawn or read cannot be used. */
  shapeFault?: Text
  /** Where a search led: the map goes there. */
  focus?: BBox
  /** What was searched for, as a point on the map. */
  pin?: Pin
  busy: boolean
  playing: boolean
  /** The source whose privacy card is open. */
  card?: string
  /** The figure of the selected zone is being explained. */
  why?: boolean
  /** What the look of zero means, where it is not zero. */
  zeroText?: string
  newer?: string
  webgl: boolean
  mapFailed: boolean
  announcement: string
  bytes: number
  /** Draws what the map shows now, as a data address; absent without a map. */
  picture?: () => string
}

export interface Pin { name: string; lon: number; lat: number }

/** What belongs to one subject and is left with it. */
const CLEARED = { show: undefined, slot: undefined, zone: undefined, dir: undefined, with: undefined, need: undefined, within: undefined, guess: undefined, vs: undefined, beside: undefined }

const TICK_MS = 1000
const CHECK_MS = 5 * 60_000

export class Session {
  state: State
  private readonly listeners = new Set<() => void>()
  private readonly frames: Frames
  private readonly kept = new Map<string, Promise<unknown>>()
  private readonly scales = new Map<string, Scale>()
  private ticket = 0
  private zoom: number | undefined
  private moving = false
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(readonly api: Api) {
    this.frames = new Frames(api)
    this.state = {
      view: fromHash(location.hash, preferred(navigator.languages)),
      slot: 'all', others: [], busy: true, playing: false, webgl: true, mapFailed: false, announcement: '', bytes: 0,
    }
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  set(patch: Partial<State>): void {
    this.state = { ...this.state, ...patch }
    for (const listener of this.listeners) listener()
  }

  async start(): Promise<void> {
    addEventListener('popstate', () => this.arrive())
    addEventListener('hashchange', () => this.arrive())
    document.addEventListener('visibilitychange', () => void this.notice())
    addEventListener('online', () => { if (this.state.fatal || this.state.problem) void this.retry() })
    setInterval(() => void this.notice(), CHECK_MS)
    await this.retry()
  }

  /** Asks again for whatever could not be had. */
  async retry(): Promise<void> {
    this.set({ fatal: undefined, problem: undefined, busy: true })
    try {
      const catalog = this.state.catalog ?? await this.api.catalog()
      this.set({ catalog })
    } catch (error) {
      this.set({ fatal: asProblem(error), busy: false })
      return
    }
    await this.load()
  }

  /** Changes what is looked at. Steps that a visitor would want to undo are pushed on the browser's history; silent ones load nothing. */
  go(patch: Partial<View>, step: 'push' | 'replace' = 'push', silent = false): void {
    const before = this.state.view
    const view = { ...before, ...patch }
    this.set({ view })
    const hash = toHash(view)
    if (hash !== location.hash) history[step === 'push' ? 'pushState' : 'replaceState'](null, '', hash)
    if (silent) return
    const moved = (['subject', 'question', 'show', 'slot', 'zone', 'place', 'dir', 'as', 'guess'] as const).some((k) => before[k] !== view[k])
    if (moved || (view.as === 'table' && before.at !== view.at)) void this.load()
    this.tell(before, view)
  }

  /** A subject starts afresh, but keeps the language, the place and the position of the map. */
  subject(id: string): void {
    this.pause()
    this.set({ mapFailed: false })
    const { lang, as, place, at, area, relief } = this.state.view
    const view: View = { lang, as, subject: id, ...(place && { place }), ...(at && { at }), ...(area !== undefined && { area }), ...(relief && { relief }) }
    this.go({ ...CLEARED, question: undefined, ...view })
  }

  /** Opens the page of a question, on a subject when one is given; the place is kept. */
  ask(question: number, subject?: string): void {
    this.pause()
    this.set({ mapFailed: false, focus: undefined })
    const same = this.state.layer?.id === subject
    this.set({ sketch: undefined })
    this.go({ ...CLEARED, question, subject, as: 'map', at: undefined, place: undefined, area: undefined, ...(same && { zone: this.state.view.zone }) })
  }

  /** A step of a guided tour: its saved view, in the visitor's language. */
  tourStep(tour: Tour, step: number): void {
    const to = tour.steps[step]
    if (!to || !this.state.catalog) return
    this.pause()
    const view = fromHash(to.view, this.state.view.lang)
    const whole = !view.at && view.zone === undefined && view.place === undefined && view.question === undefined
    this.set({ mapFailed: false, why: undefined, card: undefined, focus: whole ? this.state.catalog.territory.bbox : undefined })
    this.go({ ...CLEARED, question: undefined, subject: undefined, place: undefined, at: undefined, ...view, lang: this.state.view.lang, tour: tour.id, step })
  }

  /** Back to the subject of the question, on the map. */
  leaveQuestion(): void {
    this.pause()
    this.go({ ...CLEARED, question: undefined, zone: this.state.view.zone })
  }

  /** Something a page asked for did not come. */
  failed(error: unknown): void { this.set({ problem: asProblem(error) }) }

  /** The figures of any measure, asked for once. */
  figures(measure: string, zones: string, slot: string): Promise<Frame> { return this.frames.get(measure, zones, slot) }

  /** Whatever a page needs, asked for once. */
  wanted<T>(key: string, get: () => Promise<T>): Promise<T> { return once(this.kept, key, get) }

  zonesOf = (system: string): Promise<Zones> => this.wanted(`zones/${system}`, () => this.api.zones(system))

  tour = (id: string): Promise<Tour> => this.wanted(`tour/${id}`, () => this.api.tour(id))

  slot(slot: string): void {
    this.go({ slot }, 'replace')
  }

  /** Selects a zone (by its index), or nothing. */
  select(i: number | undefined, properties?: Properties): void {
    const { zones } = this.state
    if (i === undefined) this.go({ zone: undefined })
    else if (!zones) void this.wantZones().then((found) => { if (found) this.select(i, properties) })
    else {
      const [lon, lat] = [zones.raw.lon[i] ?? 0, zones.raw.lat[i] ?? 0]
      if (properties) this.set({ feature: { id: zones.id(i), lon, lat, properties } })
      this.go({ zone: zones.id(i) })
    }
  }

  selectFeature(feature: FeatureRow | undefined): void {
    this.set({ feature })
    this.go({ zone: feature?.id })
  }

  /** Goes to a commune: selects it when the subject is about communes, restricts the view to it otherwise. */
  visit(i: number): void {
    const { places, layer } = this.state
    const id = places?.id(i)
    if (!places || id === undefined) return
    this.set({ focus: places.raw.bbox[i] })
    if (layer?.zones === places.system) this.go({ zone: id, place: undefined })
    else this.go({ place: id, zone: undefined })
  }

  /** Goes to what a search found: marks it, and selects the zone that holds it where zones have a surface. */
  async reach(found: Found): Promise<void> {
    const { name, lon, lat, zone } = found
    const { layer, catalog } = this.state
    const w = words(this.state.view.lang)
    this.set({ announcement: w.found(name), ...(zone ? {} : { pin: { name, lon, lat } }) })
    if (!layer || !catalog) return
    if (zone) {
      const zones = await this.zonesOf(zone.system)
      this.set({ focus: zones.raw.bbox[zone.i] })
      if (layer.zones === zone.system) this.go({ zone: zones.id(zone.i), place: undefined })
      return
    }
    if (found.feature?.layer === layer.id) return this.go({ zone: found.feature.id, at: { zoom: 16, lat, lon } })
    this.go({ at: { zoom: layer.zones ? 14.5 : 16.5, lat, lon } })
    if (!layer.zones || layer.geometry !== 'polygon') return
    const { zoneAt } = await import('./find/find')
    const zones = await this.wantZones()
    const cell = catalog.zone_systems.find((s) => s.id === layer.zones)?.geometry === 'cell'
    const i = zones && await zoneAt(this.api, layer, zones, cell, lon, lat).catch(() => undefined)
    if (i === undefined || this.state.layer !== layer) return
    this.go({ zone: zones!.id(i) })
    this.set({ announcement: `${w.found(name)}. ${w.selectedZone(zones!.name(i, this.state.view.lang, this.state.places))}` })
  }

  /** The privacy card of a source. */
  async card(source: string): Promise<Card> {
    const found = await this.wanted(`privacy/${source}`, () => this.api.card(source))
    if (!found) throw new Problem(404, `no privacy card of ${source}`)
    return found
  }

  play(): void {
    this.set({ playing: true })
    this.moving = true
    const tick = async () => {
      const { shown, layer, slot } = this.state
      if (!this.state.playing || !shown) return
      const next = following(shown.slots, slot)
      if (layer?.zones && !isFlow(shown)) await this.frames.get(shown.id, layer.zones, next).catch(() => this.pause())
      if (this.state.playing) {
        this.slot(next)
        this.timer = setTimeout(tick, matchMedia('(prefers-reduced-motion: reduce)').matches ? TICK_MS * 2 : TICK_MS)
      }
    }
    void tick()
  }

  pause(): void {
    clearTimeout(this.timer)
    if (!this.state.playing) return
    this.set({ playing: false, announcement: slotWords(this.state.slot, this.state.view.lang, counted(this.state.catalog, this.state.shown)) })
  }

  moved(at: NonNullable<View['at']>): void {
    this.zoomed(at.zoom)
    this.go({ at }, 'replace')
  }

  /** The map is at this zoom: flows are put together by zones that stand apart at it. */
  zoomed(zoom: number): void {
    this.zoom = zoom
    const { shown, zones } = this.state
    if (shown && isFlow(shown) && zones?.system === shown.zones) void this.loadWide(shown, zones).catch(() => undefined)
  }

  withoutMap(): void {
    this.set({ webgl: false })
    this.go({ as: 'table' }, 'replace')
  }

  /** The address changed under us: back, forward, or a pasted link. */
  private arrive(): void {
    const before = this.state.view
    const view = fromHash(location.hash, before.lang)
    if (toHash(view) === toHash(before)) return
    this.pause()
    this.set({ view })
    void this.load()
    this.tell(before, view)
  }

  /** Discreetly learns of a new release. */
  private async notice(): Promise<void> {
    if (document.visibilityState !== 'visible' || !this.state.catalog) return
    const served = await this.api.served().catch(() => undefined)
    if (served && served !== this.state.catalog.release) this.set({ newer: served })
  }

  /** Loads what the view needs, in the order in which it becomes useful. A later call makes an earlier one fall silent. */
  private async load(): Promise<void> {
    const { catalog, view } = this.state
    if (!catalog) return
    const ticket = ++this.ticket
    const put = (patch: Partial<State>) => { if (ticket === this.ticket) this.set(patch) }
    const list = subjects(catalog)
    const able = view.question ? answerers(catalog, view.question) : []
    const asked = list.find((l) => l.id === view.subject)
    const layer = view.question ? (asked && able.includes(asked) ? asked : able[0]) : view.subject ? asked : list[0]
    const choice = !layer ? [] : view.question ? answering(catalog, layer, view.question) : offers(catalog, layer)
    const shown = choice.find((m) => m.id === view.show) ?? choice[0]
    const slot = shown ? (view.slot && shown.slots.includes(view.slot) ? view.slot : firstSlot(shown.slots)) : 'all'
    if (layer && (!view.subject || view.question) && view.subject !== layer.id) this.go({ subject: layer.id }, 'replace', true)
    const same = layer?.id === this.state.layer?.id && shown?.id === this.state.shown?.id
    put({
      layer, shown, slot, busy: true, problem: undefined, features: undefined,
      ...(same ? {} : { frame: undefined, looks: undefined, rows: undefined, wide: undefined, scale: undefined, profile: undefined, others: [] }),
      ...(this.state.feature?.id === view.zone ? {} : { feature: undefined }),
      ...(layer?.zones === this.state.zones?.system ? {} : { zones: undefined }),
    })
    try {
      const system = placeSystem(catalog)
      const places = system ? this.zonesOf(system.id).then((z) => { put({ places: z }); this.lookAt(z); return z }) : Promise.resolve(undefined)
      if (layer?.zones) {
        const zones = this.canWait(layer) ? undefined : this.zonesOf(layer.zones).then((z) => { put({ zones: z }); return z })
        if (shown && isFlow(shown)) {
          const own = await this.zonesOf(layer.zones)
          put(await flowFigures(this, shown, own))
          await this.loadWide(shown, own)
        }
        else if (shown) await this.loadFrame(shown, layer, slot, put)
        await zones
      }
      await places
      put({ busy: false })
      await this.loadSelection(put)
    } catch (error) {
      this.pause()
      put({ problem: asProblem(error), busy: false })
    }
  }

  /** A link to a commune without a position of the map goes to the commune. */
  private lookAt(places: Zones): void {
    const { view, focus } = this.state
    const i = view.place === undefined || view.at || focus ? undefined : places.at(view.place)
    if (i !== undefined) this.set({ focus: places.raw.bbox[i] })
  }

  /** Cells are many, and the map is painted without knowing where each is: their list waits until someone points at one. */
  private canWait(layer: Layer): boolean {
    const { view, catalog } = this.state
    const system = catalog?.zone_systems.find((s) => s.id === layer.zones)
    return system?.geometry === 'cell' && !view.question && view.as === 'map' && view.zone === undefined
  }

  /** Fetches the list of zones that waited. */
  async wantZones(): Promise<Zones | undefined> {
    const { layer, zones } = this.state
    if (zones || !layer?.zones) return zones
    const found = await this.zonesOf(layer.zones).catch(() => undefined)
    if (found && this.state.layer?.zones === found.system) this.set({ zones: found })
    return found
  }

  /** Someone is about to move the hour: what comes next is fetched from now on. */
  expectMove(): void {
    const { shown, layer, slot } = this.state
    if (this.moving || !shown || isFlow(shown) || !layer?.zones) return
    this.moving = true
    this.frames.prefetch(shown.id, layer.zones, neighbours(shown.slots, slot))
  }

  private async loadFrame(shown: Measure, layer: Layer, slot: string, put: (patch: Partial<State>) => void): Promise<void> {
    const system = layer.zones!
    const frame = this.frames.now(shown.id, system, slot) ?? await this.frames.get(shown.id, system, slot)
    const classes = this.scaleOf(shown, layer, slot)
    put({ frame, frameSlot: slot, scale: classes, looks: looksOf(classes, frame) })
    if (this.moving) this.frames.prefetch(shown.id, system, neighbours(shown.slots, slot))
  }

  /** The classes of a measure; the same object as long as they are the same, so that the map is not styled again. */
  private scaleOf(shown: Measure, layer: Layer, slot: string): Scale {
    const found = shown.systems.find((s) => s.zones === layer.zones)!
    const kind = kindOf(slot) ?? 'all'
    const key = `${layer.id}|${shown.id}|${found.kinds?.[kind] ? kind : ''}`
    const known = this.scales.get(key)
    if (known) return known
    const range = found.kinds?.[kind] ?? found
    const made = scale(range.breaks ?? [], range.min, layer.style)
    this.scales.set(key, made)
    return made
  }

  private async loadWide(shown: Flow, own: Zones): Promise<void> {
    const wide = await wideFlows(this, shown, own, this.zoom ?? this.state.view.at?.zoom)
    if (wide) this.set({ wide })
  }

  /** What the panel and the table of features need; failing to get it leaves the map as it is. */
  private async loadSelection(put: (patch: Partial<State>) => void): Promise<void> {
    const { view, layer, zones, shown, catalog, slot } = this.state
    if (!layer || !catalog) return
    const i = view.zone === undefined ? undefined : zones?.at(view.zone)
    if (zones && i === undefined) put({ profile: undefined, others: [] })
    if (zones && i !== undefined) {
      if (shown && !isFlow(shown) && shown.slots.length > 1) {
        put({ profile: await this.wanted(`profile/${shown.id}/${zones.system}/${view.zone}`, () => this.api.profile(shown.id, zones.system, view.zone!, i)) })
      }
      const rest = offers(catalog, layer).filter((m): m is Measure => m !== shown && !isFlow(m))
      put({ others: await Promise.all(rest.map(async (measure) => ({
        measure, frame: await this.frames.get(measure.id, zones.system, measure.slots.includes(slot) ? slot : firstSlot(measure.slots)),
      }))) })
      if (layer.properties?.length && this.state.feature?.id !== view.zone) {
        const { propertiesOf } = await import('./feature')
        const [lon, lat] = [zones.raw.lon[i]!, zones.raw.lat[i]!]
        const properties = await propertiesOf(this.api, layer, view.zone!, lon, lat)
        if (properties) put({ feature: { id: view.zone!, lon, lat, properties } })
      }
    }
    if (!layer.zones && (view.as === 'table' || (view.zone && !this.state.feature))) await this.loadFeatures(layer, put)
  }

  private async loadFeatures(layer: Layer, put: (patch: Partial<State>) => void): Promise<void> {
    const { featuresIn, boxAround, insideOf } = await import('./feature')
    const { view, places, catalog } = this.state
    const place = view.place === undefined ? undefined : places?.at(view.place)
    const box: BBox = place !== undefined ? places!.raw.bbox[place]! : view.at ? boxAround(view.at) : layer.bbox ?? catalog!.territory.bbox
    const shapes = place === undefined ? undefined : placeLayer(catalog!)
    const inside = shapes && await insideOf(this.api, shapes, view.place!, box)
    const features = await featuresIn(this.api, layer, box, inside) ?? null
    put({ features, feature: features?.find((f) => f.id === view.zone) ?? this.state.feature })
  }

  /** Says aloud what changed; not at every step of play. */
  private tell(before: View, view: View): void {
    if (this.state.playing) return
    const { zones, places, layer, catalog, shown } = this.state
    const w = words(view.lang)
    const said: string[] = []
    if (before.subject !== view.subject || before.as !== view.as) said.push(w.shownAs(say(layer?.title, view.lang), view.as === 'map' ? w.map : w.table))
    const i = view.zone !== undefined && view.zone !== before.zone ? zones?.at(view.zone) : undefined
    if (i !== undefined) said.push(w.selectedZone(zones!.name(i, view.lang, places)))
    if (before.slot !== view.slot && view.slot) said.push(slotWords(view.slot, view.lang, counted(catalog, shown)))
    if (said.length) this.set({ announcement: said.join('. ') })
  }
}

const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(500, error instanceof Error ? error.message : String(error))
