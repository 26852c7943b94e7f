/** Puts the map in the page: fetches it when first wanted, tells it the scene, and says what is under the pointer. */
import { corner, draw } from '../area/draw'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { isFlow, labelled, say } from '../catalog'
import type { FeatureRow } from '../feature'
import { flagName } from '../flag'
import { arcs, partners } from '../flow'
import { overviewArcs } from '../overview'
import { figure } from '../frame'
import type { Polygons } from '../area/read'
import type { XY } from '../area/shape'
import type { Area } from '../map/area'
import { tallLayer } from '../map/relief'
import type { Scene, TerritoryMap } from '../map/map'
import { interval, withUnit } from '../number'
import type { State } from '../session'
import { words } from '../words'
import type { Props } from './App'
import { Icon } from './Logo'

/** Time for the layout to settle around a selection. */
const SETTLE_MS = 60

interface Hit { zone?: number; feature?: FeatureRow; x: number; y: number }

function Tip({ state, hit }: { state: State; hit: Hit }) {
  const { zones, places, frame, shown, layer, view } = state
  const { lang } = view
  let title = ''
  let text = ''
  if (hit.zone !== undefined && zones) {
    title = zones.name(hit.zone, lang, places)
    if (frame && shown) {
      const f = figure(frame, hit.zone)
      const nothing = isFlow(shown) && f.value === null && frame.flag[hit.zone] === 0
      text = f.value !== null ? withUnit(f.value, say(shown.unit, lang), lang, shown.decimals) : nothing ? words(lang).noFlowLegend : ''
      const range = f.value === null ? '' : interval(f.lo, f.hi, lang, shown.decimals)
      if (range) text += `, ${range}`
      if (f.flag && !nothing) text += `${text ? ', ' : ''}${flagName(f.flag, lang)}`
    }
  } else if (hit.feature && layer) {
    const { properties } = hit.feature
    const by = layer.style?.by
    const named = layer.style?.label ?? layer.properties?.find((p) => p.type === 'text')?.name
    title = String(properties.name ?? (named && properties[named]) ?? properties.id ?? '')
    text = by && by !== named ? labelled(layer, by, String(properties[by] ?? ''), lang) : ''
  }
  if (!title) return null
  return <div class="tip" aria-hidden="true" ref={(el) => { if (el) { el.style.left = `${hit.x}px`; el.style.top = `${hit.y}px` } }}><strong>{title}</strong>{text && <span>{text}</span>}</div>
}

/** What the legend and the time bar leave free; nothing floats over narrow maps. */
function padding(box: HTMLElement | null) {
  const stage = box?.closest('.stage-body')
  const size = (selector: string, side: 'offsetWidth' | 'offsetHeight') => stage?.querySelector<HTMLElement>(selector)?.[side] ?? 0
  const [legend, time] = [size('.float-legend', 'offsetWidth'), size('.map-box ~ .time', 'offsetHeight')]
  const sheet = document.querySelector('.sheet')?.getBoundingClientRect()
  const covered = sheet && box ? Math.max(0, box.getBoundingClientRect().bottom - sheet.top) : 0
  if (covered) return { top: 20, right: 20, bottom: Math.min(covered + 20, box!.clientHeight - 60), left: 20 }
  return { top: 20, right: box && box.clientWidth >= 500 && box.clientWidth < 900 ? 20 : 64, bottom: time ? time + 28 : 20, left: legend ? Math.round(legend * 0.5) : 20 }
}

const kept = new WeakMap<object, Area>()
/** The same object for the same corners or shape, so that the map is told of a change only when there is one. */
const once = (key: object, make: () => Area): Area => kept.get(key) ?? (kept.set(key, make()), kept.get(key)!)
const sketched = (corners: XY[]) => once(corners, () => ({ corners }))
const drawnArea = (polygons: Polygons) => once(polygons, () => ({ polygons }))

function scene(state: State): Scene {
  const { layer, zones, places, scale, looks, frame, rows, wide, shown, view, feature } = state
  const { lang } = view
  const zone = view.zone === undefined ? undefined : zones?.at(view.zone)
  const found = rows && zone !== undefined && shown && isFlow(shown) ? partners(rows, zone, view.dir ?? 'to') : undefined
  return {
    layer, zones, places, scale, looks, flags: frame?.flag, zone, feature: layer?.zones ? undefined : feature,
    place: view.place === undefined ? undefined : places?.at(view.place),
    ...(found ? { arcs: arcs(found, zone!, view.dir ?? 'to', zones!) } : wide && { arcs: overviewArcs(wide.found, wide.zones) }),
    relief: !!view.relief,
    ...(state.sketch ? { area: sketched(state.sketch) } : state.shape && view.area ? { area: drawnArea(state.shape) } : {}),
    pin: state.pin,
    label: words(lang).mapLabel(say(layer?.title, lang)),
  }
}

const RELIEF = {
  fr: { relief: '3D : bâtiments en relief', more: 'Incliner la vue', less: 'Redresser la vue', turn: 'Tourner la vue' },
  en: { relief: '3D: buildings in relief', more: 'Lean the view', less: 'Straighten the view', turn: 'Turn the view' },
}

/** What to do while an area is drawn, over the map. */
function Drawing({ session, state }: Props) {
  const fr = state.view.lang === 'fr'
  const n = state.sketch!.length
  return (
    <div class="map-hint drawing-bar" role="group" aria-label={fr ? 'Tracer une zone' : 'Drawing an area'}>
      <p role="status">{n === 0 ? (fr ? 'Touchez la carte pour poser le premier coin.' : 'Tap the map to place the first corner.') : fr ? `${n} ${n > 1 ? 'coins' : 'coin'}${n < 3 ? ' : il en faut trois au moins' : ''}.` : `${n} ${n > 1 ? 'corners' : 'corner'}${n < 3 ? ': at least three are needed' : ''}.`}
        <span class="muted"> {fr ? 'Au clavier : flèches, Entrée, Retour arrière.' : 'With the keyboard: arrows, Enter, Backspace.'}</span></p>
      <p class="actions">
        <button type="button" class="primary" disabled={n < 3} onClick={() => draw(session, 'finish')}>{fr ? 'Terminer' : 'Finish'}</button>
        <button type="button" disabled={n === 0} onClick={() => draw(session, 'undo')}>{fr ? 'Retirer le dernier' : 'Remove the last'}</button>
        <button type="button" onClick={() => draw(session, 'cancel')}>{fr ? 'Abandonner' : 'Give up'}</button>
      </p>
    </div>
  )
}

export function MapView({ session, state }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const map = useRef<TerritoryMap | undefined>(undefined)
  const clicked = useRef<number | undefined>(undefined)
  const [ready, setReady] = useState(false)
  const [hit, setHit] = useState<Hit>()
  const [zoom, setZoom] = useState<number>()
  const { catalog, view, layer } = state
  const w = words(view.lang)

  useEffect(() => {
    let left = false
    const asked = session.state.view.question
    import('../map/map').then(({ TerritoryMap }) => {
      if (left || !box.current) return
      const open = () => new TerritoryMap(box.current!, session.api, catalog!, { at: session.state.view.at, layer: session.state.layer }, {
        ready: () => {
          session.set({ picture: () => map.current?.picture() ?? '' })
          setReady(true)
          setZoom(map.current?.zoomLevel)
          if (map.current) session.zoomed(map.current.zoomLevel)
        },
        failed: () => session.set({ mapFailed: true }),
        zone: (i, properties) => { clicked.current = i; session.select(i, properties) },
        feature: (row) => session.selectFeature(row),
        moved: (at) => { if (left || session.state.view.question !== asked) return; setZoom(at.zoom); session.moved(at) }, // a map about to go has nothing to say
        over: (at) => { setHit(at); if (at?.zone !== undefined) void session.wantZones() },
        padding: () => padding(box.current),
        corners: () => session.state.sketch,
        corner: (at) => corner(session, at),
        draw: (what) => draw(session, what),
        nothingHere: () => session.set({ announcement: words(session.state.view.lang).nothingHere }),
      })
      try {
        map.current = open()
      } catch {
        session.withoutMap()
        return
      }
      map.current.show(scene(session.state))
    }, () => session.set({ mapFailed: true }))
    return () => {
      left = true
      session.set({ picture: undefined })
      map.current?.remove()
      map.current = undefined
    }
  }, [])

  const picture = useRef<HTMLImageElement>(null)
  useEffect(() => {
    const before = () => { if (map.current && picture.current) picture.current.src = map.current.picture() }
    addEventListener('beforeprint', before)
    return () => removeEventListener('beforeprint', before)
  }, [])
  const { zones, places, scale, looks, frame, rows, wide, shown, feature } = state
  const now = useMemo(() => scene(state), [layer, zones, places, scale, looks, frame, rows, wide, shown, feature, state.sketch, state.shape, state.pin, view.area, view.relief, view.zone, view.place, view.dir, view.lang])
  useEffect(() => map.current?.show(now), [now])
  // What was not clicked on the map may be out of sight: by link, by table, by search.
  // It waits for the panel that opens with it, which takes a part of the map.
  useEffect(() => {
    if (!ready || now.zone === undefined || !now.zones) return
    const small = clicked.current !== now.zone && catalog!.zone_systems.some((s) => s.id === now.zones!.system && s.geometry === 'cell')
    const [lon, lat] = [now.zones.raw.lon[now.zone]!, now.zones.raw.lat[now.zone]!]
    const timer = setTimeout(() => map.current?.reveal(lon, lat, small ? 13 : 0), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [now.zone, now.zones, ready])
  useEffect(() => {
    const box = state.focus
    if (!ready || !box) return
    const timer = setTimeout(() => { map.current?.fit(box, 0.15); session.set({ focus: undefined }) }, SETTLE_MS + 20)
    return () => clearTimeout(timer)
  }, [state.focus, ready])
  useEffect(() => {
    const at = view.at
    if (at && map.current && !map.current.isAt(at)) map.current.jump(at)
  }, [view.at])

  const tall = tallLayer(catalog!)
  const r = RELIEF[view.lang]
  const far = layer && zoom !== undefined && zoom + 0.01 < layer.minzoom
  return (
    <div class="map-box">
      <div class="map" ref={box} />
      <div class="crosshair" aria-hidden="true"><Icon name="target" /></div>
      <img class="map-picture" ref={picture} alt="" />
      {!ready && <p class="map-wait">{w.loadingMap}</p>}
      {ready && far && <p class="map-hint">{w.zoomToSee(say(layer.title, view.lang))}</p>}
      {state.mapFailed && <p class="map-hint" role="status">{w.mapFailed} <button type="button" class="link" onClick={() => location.reload()}>{w.reload}</button></p>}
      <div class="map-tools">
        <button type="button" aria-label={w.zoomIn} title={w.zoomIn} onClick={() => map.current?.zoom(1)}><Icon name="plus" /></button>
        <button type="button" aria-label={w.zoomOut} title={w.zoomOut} onClick={() => map.current?.zoom(-1)}><Icon name="minus" /></button>
        <button type="button" aria-label={w.wholeTerritory} title={w.wholeTerritory} onClick={() => map.current?.fit(catalog!.territory.bbox)}><Icon name="whole" /></button>
        {tall && <button type="button" aria-pressed={!!view.relief} aria-label={r.relief} title={r.relief} onClick={() => session.go({ relief: view.relief ? undefined : true }, 'replace')}>3D</button>}
        {tall && view.relief && <>
          <button type="button" aria-label={r.more} title={r.more} onClick={() => map.current?.lean(10, 0)}><Icon name="down" /></button>
          <button type="button" aria-label={r.less} title={r.less} onClick={() => map.current?.lean(-10, 0)}><Icon name="up" /></button>
          <button type="button" aria-label={r.turn} title={r.turn} onClick={() => map.current?.lean(0, 30)}><Icon name="turn" /></button>
        </>}
      </div>
      {state.sketch && <Drawing session={session} state={state} />}
      {hit && <Tip state={state} hit={hit} />}
    </div>
  )
}
