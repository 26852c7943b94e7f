/** The map: MapLibre over the territory's own tiles. It is told what to show and tells what was chosen; it decides nothing. */
import { addProtocol, Map as Canvas, setWorkerUrl, type GeoJSONSource, type LayerSpecification, type MapGeoJSONFeature, type PointLike } from 'maplibre-gl'
import type { Api } from '../api'
import { background, placeLayer, placeSystem, type BBox, type Catalog, type Layer } from '../catalog'
import type { FeatureRow, Properties } from '../feature'
import type { Look, Scale } from '../legend'
import type { View } from '../view'
import type { Zones } from '../zone'
import { chosen, drawn, FONT_BOLD, oneOf, labels, PAPER, vectorSource } from './background'
import { arcWidth, covers, EMPTY, names, OVER_ZONES, pinned, seenFrom } from './ground'
import { MOST_TILT, reliefLayer, tallLayer, TILT } from './relief'
import { pictures, RATIO } from './pattern'
import { areaData, areaLayers, type Area } from './area'
import type { XY } from '../area/shape'
import workerUrl from './worker?worker&url'
import { classPaint, isPoint, pictureLayers, zoneFills, zoneMarks } from './zones'

setWorkerUrl(`${new URL(workerUrl, import.meta.url).href}#page=${performance.timeOrigin}`)

/** What the map is told. Zones are named by their index. */
export interface Scene {
  layer?: Layer
  zones?: Zones
  places?: Zones
  scale?: Scale
  looks?: Look[]
  flags?: number[]
  zone?: number
  place?: number
  arcs?: GeoJSON.FeatureCollection
  /** Selected feature of a layer without zones. */
  feature?: FeatureRow
  /** The visitor's own area, or the corners that it has so far. */
  area?: Area
  /** What was searched for. */
  pin?: { name: string; lon: number; lat: number }
  /** Buildings stand up. */
  relief?: boolean
  label: string
}

export interface Hooks {
  ready(): void
  failed(): void
  /** A zone was chosen, or nothing. */
  zone(i: number | undefined, properties?: Properties): void
  feature(row: FeatureRow | undefined): void
  moved(at: NonNullable<View['at']>): void
  /** What is under the pointer, and where. */
  over(hit: { zone?: number; feature?: FeatureRow; x: number; y: number } | undefined): void
  nothingHere(): void
  /** The corners so far while an area is drawn: what is true now, which may not be shown yet. */
  corners(): XY[] | undefined
  /** While an area is drawn: a corner, the last one taken back, the end, or never mind. */
  corner(at: XY): void
  draw(what: 'undo' | 'finish' | 'cancel'): void
  /** Room taken by what floats over the map. */
  padding(): { top: number; right: number; bottom: number; left: number }
}

/** Marks between which the subject's layers are inserted. */
const UNDER_LINES = 'under-lines'
const ABOVE_LINES = 'above-lines'
const SPOT = 12
/** Opacity of background surfaces under zones, whose colours they must not be taken for. */
const UNDER_ZONES = 0.4

export class TerritoryMap {
  /** Maps seen together move together. */
  private static readonly seen = new Set<TerritoryMap>()
  private following = false
  private readonly canvas: Canvas
  private scene: Scene = { label: '' }
  private painted: { layer: string; looks: Look[]; flags: number[] } | undefined
  private chosen: { source: string; id: number } | undefined
  private over: { source: string; id: number } | undefined
  private loaded = false
  private pending: Scene | undefined

  constructor(box: HTMLElement, private readonly api: Api, private readonly catalog: Catalog, first: { at: View['at']; layer: Layer | undefined }, private readonly hooks: Hooks) {
    const { at } = first
    if (api.files) addProtocol('folder', async ({ url }) => ({ data: await api.tile(url.slice('folder://'.length)) }))
    this.canvas = new Canvas({
      container: box, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0,
      fadeDuration: 0, minZoom: 5, maxZoom: 19, renderWorldCopies: false, localIdeographFontFamily: false,
      ...(at ? { center: [at.lon, at.lat], zoom: at.zoom } : { bounds: catalog.territory.bbox, fitBoundsOptions: { padding: hooks.padding() } }),
      style: { version: 8, sources: this.sources(), layers: this.ground(first.layer) },
    })
    // In a small box the whole territory may be further away than the subject is drawn from.
    if (!at && first.layer && this.canvas.getZoom() < first.layer.minzoom && first.layer.zones) this.canvas.setZoom(first.layer.minzoom)
    TerritoryMap.seen.add(this)
    this.canvas.touchZoomRotate.disableRotation()
    this.canvas.keyboard.disableRotation()
    for (const [name, picture] of Object.entries(pictures())) this.canvas.addImage(name, picture, { pixelRatio: RATIO })
    this.listen()
  }

  /** Shows the scene; only what differs from the last one is touched. */
  show(scene: Scene): void {
    if (!this.loaded) {
      this.pending = scene
      return
    }
    const before = this.scene
    this.scene = scene
    if (before.label !== scene.label) this.canvas.getCanvas().setAttribute('aria-label', scene.label)
    if (before.places !== scene.places) this.source('places').setData(names(scene.places))
    if (before.layer?.id !== scene.layer?.id) this.subject(before.layer, scene.layer)
    else if (scene.layer?.zones && before.scale !== scene.scale) {
      for (const [id, property, value] of classPaint(scene.layer, scene.scale)) this.canvas.setPaintProperty(id, property as never, value as never)
    }
    if (scene.layer?.zones) this.paint(scene.layer, scene.looks ?? [], scene.flags ?? [])
    this.choose(scene)
    if (before.place !== scene.place || before.places !== scene.places || before.layer !== scene.layer) this.outline(scene.place)
    if (scene.layer && !scene.layer.zones && before.feature !== scene.feature && this.canvas.getLayer(`${scene.layer.id}-on`)) this.canvas.setFilter(`${scene.layer.id}-on`, oneOf(scene.feature?.id))
    if (!before.relief !== !scene.relief) this.stand(!!scene.relief)
    if (before.area !== scene.area) this.sketch(scene.area)
    if (before.pin !== scene.pin) this.source('pin').setData(pinned(scene.pin))
    if (before.arcs !== scene.arcs) this.source('arcs').setData(scene.arcs ?? EMPTY)
  }

  /** Shows the box in what is left free, with a margin given as a part of its size. */
  fit([west, south, east, north]: BBox, margin = 0): void {
    this.canvas.resize()
    const [dx, dy] = [(east - west) * margin, (north - south) * margin]
    this.canvas.fitBounds([west - dx, south - dy, east + dx, north + dy], { padding: this.hooks.padding(), maxZoom: 15, duration: 700 })
  }

  /** What is drawn now, for paper: drawn again first, because a canvas forgets its picture after each frame. */
  picture(): string {
    this.canvas.redraw()
    return this.canvas.getCanvas().toDataURL()
  }

  /** Brings a point to where nothing floats over it, unless it is there already and near enough. */
  reveal(lon: number, lat: number, zoom = 0): void {
    this.canvas.resize()
    const { x, y } = this.canvas.project([lon, lat])
    const { clientWidth, clientHeight } = this.canvas.getContainer()
    const free = this.hooks.padding()
    const seen = x > 0 && x < clientWidth - free.right && y > 0 && y < clientHeight - free.bottom
    if (seen && this.canvas.getZoom() >= zoom) return
    this.canvas.easeTo({
      center: [lon, lat], zoom: Math.max(this.canvas.getZoom(), zoom), duration: 700,
      offset: [(free.left - free.right) / 2, (free.top - free.bottom) / 2],
    })
  }

  /** Moves to a position, at once where the visitor wants no motion. */
  jump(at: NonNullable<View['at']>): void {
    this.canvas.easeTo({ center: [at.lon, at.lat], zoom: at.zoom, duration: 700 })
  }

  zoom(by: 1 | -1): void {
    this.canvas.easeTo({ zoom: this.canvas.getZoom() + by, duration: 250 })
  }

  get zoomLevel(): number { return this.canvas.getZoom() }

  /** Whether the map already is where the address says. */
  isAt(at: NonNullable<View['at']>): boolean {
    const { lng, lat } = this.canvas.getCenter()
    return Math.abs(lng - at.lon) < 1e-4 && Math.abs(lat - at.lat) < 1e-4 && Math.abs(this.canvas.getZoom() - at.zoom) < 0.01
  }

  resize(): void {
    this.canvas.resize()
  }

  remove(): void {
    TerritoryMap.seen.delete(this)
    this.canvas.remove()
  }

  private sources() {
    const vector = Object.fromEntries(background(this.catalog).map((l) => [l.id, vectorSource(this.api, l)]))
    const geojson = () => ({ type: 'geojson' as const, data: EMPTY })
    return { ...vector, places: geojson(), outline: geojson(), area: geojson(), pin: geojson(), arcs: { ...geojson(), lineMetrics: true } }
  }

  /** The background with its places for the subject: fills, subject, lines, subject's marks, names. */
  private ground(subject: Layer | undefined): LayerSpecification[] {
    const list = background(this.catalog)
    const all = list.flatMap(drawn).map((l) => ({ ...l, minzoom: seenFrom(l, subject) }))
    const fills = all.filter((l) => l.type === 'fill' || l.type === 'fill-extrusion')
    const hidden = { layout: { visibility: 'none' as const }, source: 'outline', type: 'line' as const }
    return [
      { id: 'paper', type: 'background', paint: { 'background-color': PAPER } },
      ...fills,
      { id: UNDER_LINES, ...hidden },
      ...all.filter((l) => !fills.some((f) => f.id === l.id)),
      { id: ABOVE_LINES, ...hidden },
      { id: 'arcs-halo', type: 'line', source: 'arcs', layout: { 'line-cap': 'round', 'line-sort-key': ['get', 'order'] }, paint: { 'line-color': '#ffffff', 'line-width': arcWidth(1.4), 'line-opacity': 0.75 } },
      { id: 'arcs', type: 'line', source: 'arcs', layout: { 'line-cap': 'round', 'line-sort-key': ['get', 'order'] }, paint: { 'line-width': arcWidth(0), 'line-gradient': ['interpolate', ['linear'], ['line-progress'], 0, 'rgba(214,140,102,.55)', 1, '#a23c20'] } },
      ...list.filter((l) => l.geometry !== 'polygon' || l.source !== placeSystem(this.catalog)?.source).flatMap(labels),
      { id: 'place-names', type: 'symbol', source: 'places',
        layout: { 'text-field': ['get', 'name'], 'text-font': FONT_BOLD, 'text-size': ['interpolate', ['linear'], ['zoom'], 9, 10.5, 13, 14], 'text-max-width': 8, 'text-padding': 4, 'text-variable-anchor': ['center'], 'text-radial-offset': 1, 'symbol-sort-key': ['get', 'order'] },
        paint: { 'text-color': '#35322c', 'text-halo-color': 'rgba(255,253,249,.92)', 'text-halo-width': 1.6 } },
      ...areaLayers(),
      { id: 'pin', type: 'circle', source: 'pin', paint: { 'circle-radius': 8, 'circle-color': '#c2410c', 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 3 } },
      { id: 'pin-name', type: 'symbol', source: 'pin',
        layout: { 'text-field': ['get', 'name'], 'text-font': FONT_BOLD, 'text-size': 13, 'text-anchor': 'bottom', 'text-offset': [0, -1], 'text-max-width': 14, 'text-allow-overlap': true },
        paint: { 'text-color': '#7d2e18', 'text-halo-color': '#fffdf9', 'text-halo-width': 2 } },
    ]
  }

  /** Goes where the maps already there are. */
  join(): void {
    for (const other of TerritoryMap.seen) if (other !== this) return other.lead()
  }

  /** The other maps go where this one is. */
  private lead(): void {
    if (this.following) return
    const { canvas } = this
    for (const other of TerritoryMap.seen) {
      if (other === this) continue
      other.following = true
      other.canvas.jumpTo({ center: canvas.getCenter(), zoom: canvas.getZoom(), bearing: canvas.getBearing(), pitch: canvas.getPitch() })
      other.following = false
    }
  }

  private listen(): void {
    const map = this.canvas
    map.on('load', () => {
      this.loaded = true
      if (this.pending) this.show(this.pending)
      this.pending = undefined
    })
    map.once('idle', () => this.hooks.ready())
    map.on('error', () => this.hooks.failed())
    map.on('move', () => this.lead())
    map.on('moveend', () => {
      if (this.following) return
      const { lng, lat } = map.getCenter()
      this.hooks.moved({ zoom: map.getZoom(), lat, lon: lng })
    })
    map.on('click', (event) => this.pick(event.point))
    map.on('dblclick', () => { if (this.drawing) this.hooks.draw('finish') })
    map.on('mousemove', (event) => this.hover(event.point.x, event.point.y))
    map.on('mouseout', () => this.hover())
    const canvas = map.getCanvas()
    canvas.addEventListener('keydown', (event) => {
      const what = this.drawing && { Backspace: 'undo' as const, Escape: 'cancel' as const }[event.key]
      if (what) {
        event.preventDefault()
        event.stopPropagation()
        this.hooks.draw(what)
      }
      if (event.key !== 'Enter') return
      const { clientWidth, clientHeight } = canvas
      this.pick({ x: clientWidth / 2, y: clientHeight / 2 }, true)
    })
  }

  /** Stands buildings up and leans the map back, or lays everything flat again. */
  private stand(up: boolean): void {
    const map = this.canvas
    const tall = tallLayer(this.catalog)
    if (map.getLayer('relief')) map.removeLayer('relief')
    for (const turning of [map.dragRotate, map.touchPitch]) turning[up ? 'enable' : 'disable']()
    map.touchZoomRotate[up ? 'enableRotation' : 'disableRotation']()
    map.keyboard[up ? 'enableRotation' : 'disableRotation']()
    if (!up || !tall) {
      map.easeTo({ pitch: 0, bearing: 0, duration: 400 }).once('moveend', () => { if (!this.scene.relief) map.setMaxPitch(0) })
      return
    }
    if (!map.getSource(tall.layer.id)) map.addSource(tall.layer.id, vectorSource(this.api, tall.layer))
    map.addLayer(reliefLayer(tall), 'arcs-halo')
    map.setMaxPitch(MOST_TILT)
    map.easeTo({ pitch: TILT, zoom: Math.max(map.getZoom(), tall.layer.minzoom + 1), duration: 600 })
  }

  /** Leans the map, in degrees from above, and turns it, in degrees to the right. */
  lean(pitch: number, turn: number): void {
    this.canvas.easeTo({ pitch: Math.min(MOST_TILT, Math.max(0, this.canvas.getPitch() + pitch)), bearing: this.canvas.getBearing() + turn, duration: 300 })
  }

  private get drawing(): boolean { return this.hooks.corners() !== undefined }

  /** Shows the visitor's area; while it is drawn, a double click ends it and does not zoom. */
  private sketch(area: Area | undefined): void {
    this.source('area').setData(areaData(area))
    this.canvas.getCanvas().classList.toggle('drawing', this.drawing)
    this.canvas.doubleClickZoom[this.drawing ? 'disable' : 'enable']()
  }

  private source(id: string): GeoJSONSource {
    return this.canvas.getSource(id) as GeoJSONSource
  }

  private subject(before: Layer | undefined, after: Layer | undefined): void {
    const map = this.canvas
    const own = (id: string | undefined) => id !== undefined && !background(this.catalog).some((l) => l.id === id)
    if (before && own(before.id)) {
      for (const layer of map.getStyle().layers) if ('source' in layer && layer.source === before.id) map.removeLayer(layer.id)
      map.removeSource(before.id)
      if (this.scene.relief && tallLayer(this.catalog)?.layer.id === before.id) this.stand(true)
    }
    this.painted = this.chosen = this.over = undefined
    if (!after) return
    if (!map.getSource(after.id)) map.addSource(after.id, vectorSource(this.api, after))
    const { scale } = this.scene
    const fills = after.zones ? zoneFills(after, scale) : drawn(after).filter((l) => l.type !== 'circle' && l.type !== 'line')
    this.canvas.setLayoutProperty('place-names', 'text-variable-anchor', isPoint(after) && after.zones ? ['center', 'top', 'bottom', 'left', 'right'] : ['center'])
    const marks = after.zones ? zoneMarks(after, scale) : [...drawn(after).filter((l) => l.type === 'circle' || l.type === 'line'), ...labels(after), chosen(after)]
    for (const layer of fills) map.addLayer(layer, UNDER_LINES)
    const above = after.geometry === 'point' ? undefined : 'arcs-halo'
    for (const layer of marks) map.addLayer(layer, above)
    for (const l of background(this.catalog).flatMap(drawn)) {
      if (l.type === 'line') map.setPaintProperty(l.id, 'line-opacity', covers(after) ? OVER_ZONES : 1)
      else if (l.type === 'fill') map.setPaintProperty(l.id, 'fill-opacity', (l.paint?.['fill-opacity'] as number) * (after.zones ? UNDER_ZONES : 1))
      map.setLayerZoomRange(l.id, seenFrom(l, after), 24)
    }
  }

  /** Sets the state of the zones that changed; tiles are not touched. */
  private paint(layer: Layer, looks: Look[], flags: number[]): void {
    const last = this.painted?.layer === layer.id ? this.painted : { layer: layer.id, looks: [], flags: [] }
    if (last.looks === looks && last.flags === flags) return
    for (let i = 0; i < Math.max(looks.length, last.looks.length); i++) {
      if (looks[i] === last.looks[i] && flags[i] === last.flags[i]) continue
      this.canvas.setFeatureState({ source: layer.id, sourceLayer: layer.id, id: i + 1 }, { k: looks[i] ?? null, m: flags[i] ?? 0 })
    }
    for (const { id, shown } of pictureLayers(layer, looks, flags)) {
      if (this.canvas.getLayer(id)) this.canvas.setLayoutProperty(id, 'visibility', shown ? 'visible' : 'none')
    }
    this.painted = { layer: layer.id, looks, flags }
  }

  private choose(scene: Scene): void {
    const next = scene.layer?.zones && scene.zone !== undefined ? { source: scene.layer.id, id: scene.zone + 1 } : undefined
    if (next?.source !== this.chosen?.source || next?.id !== this.chosen?.id) {
      if (this.chosen) this.mark(this.chosen, { on: false })
      if (next) this.mark(next, { on: true })
      this.chosen = next
    }
    const canvas = this.canvas.getContainer()
    canvas.dataset.zone = scene.zone === undefined ? '' : String(scene.zone)
  }

  private mark(at: { source: string; id: number }, state: object): void {
    if (this.canvas.getSource(at.source)) this.canvas.setFeatureState({ source: at.source, sourceLayer: at.source, id: at.id }, state)
  }

  /** Draws the border of the commune to which the view is restricted. */
  private outline(place: number | undefined): void {
    const { places } = this.scene
    const layer = placeLayer(this.catalog)
    const map = this.canvas
    if (layer && place !== undefined && !map.getLayer('place-outline')) {
      if (!map.getSource(layer.id)) map.addSource(layer.id, vectorSource(this.api, layer))
      map.addLayer({ id: 'place-outline', type: 'line', source: layer.id, 'source-layer': layer.id, layout: { 'line-join': 'round' }, paint: { 'line-color': '#26241f', 'line-width': 2.5, 'line-dasharray': [2.5, 1.5] } }, 'place-names')
    }
    if (map.getLayer('place-outline')) map.setFilter('place-outline', oneOf(place === undefined ? undefined : places?.id(place)))
  }

  private hits(at: PointLike | [PointLike, PointLike]): MapGeoJSONFeature[] {
    const { layer } = this.scene
    if (!layer) return []
    const ids = [layer.id, `${layer.id}-not-published`, `${layer.id}-no-data`].filter((id) => this.canvas.getLayer(id))
    return this.canvas.queryRenderedFeatures(at, { layers: ids })
  }

  /** The feature at a point of the canvas: under it, else the nearest within a finger's reach. */
  private hit(x: number, y: number, reach: number): MapGeoJSONFeature | undefined {
    const { layer } = this.scene
    const found = this.hits([x, y])
    if (found.length || (layer?.geometry === 'polygon')) return found[0]
    return this.hits([[x - reach, y - reach], [x + reach, y + reach]])[0]
  }

  private pick({ x, y }: { x: number; y: number }, byKey = false): void {
    if (this.drawing) return this.corner(x, y)
    if (this.scene.area) return // its panel is open: a click must not take it away
    const found = this.hit(x, y, SPOT)
    const { layer } = this.scene
    if (!found && byKey) return this.hooks.nothingHere()
    if (layer?.zones) this.hooks.zone(found?.id === undefined ? undefined : Number(found.id) - 1, found?.properties as Properties | undefined)
    else this.hooks.feature(found && this.row(found, x, y))
  }

  private corner(x: number, y: number): void {
    const corners = this.hooks.corners() ?? []
    const start = corners[0] && this.canvas.project(corners[0])
    if (start && corners.length > 2 && Math.hypot(start.x - x, start.y - y) < SPOT) return this.hooks.draw('finish')
    const { lng, lat } = this.canvas.unproject([x, y])
    this.hooks.corner([lng, lat])
  }

  private row(found: MapGeoJSONFeature, x: number, y: number): FeatureRow {
    const { lng, lat } = this.canvas.unproject([x, y])
    return { id: String(found.properties.id ?? found.id ?? ''), lon: lng, lat, properties: found.properties as Properties }
  }

  private hover(x?: number, y?: number): void {
    const found = x === undefined || y === undefined ? undefined : this.hit(x, y, 4)
    const { layer } = this.scene
    const next = found && layer?.zones && found.id !== undefined ? { source: layer.id, id: Number(found.id) } : undefined
    if (next?.id !== this.over?.id || next?.source !== this.over?.source) {
      if (this.over) this.mark(this.over, { over: false })
      if (next) this.mark(next, { over: true })
      this.over = next
    }
    this.canvas.getCanvas().style.cursor = this.drawing ? 'crosshair' : found ? 'pointer' : ''
    if (!found) this.hooks.over(undefined)
    else this.hooks.over({ x: x!, y: y!, ...(next ? { zone: next.id - 1 } : { feature: this.row(found, x!, y!) }) })
  }
}
