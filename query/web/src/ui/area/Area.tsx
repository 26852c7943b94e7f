/** The visitor's own area: drawn, written, read from a file or put together from zones, and its figures. Loaded when first wanted. */
import { draw, own } from '../../area/draw'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { addsUp, areaLines, areaSentence } from '../../answer/area'
import { coverOf } from '../../area/cover'
import { compose, type Cover } from '../../area/figure'
import { box, fromAddress, readFile, toAddress, toGeoJSON, Unusable, type Polygons } from '../../area/read'
import { boxOf } from '../../area/shape'
import { counted, isFlow, say, type BBox, type Text } from '../../catalog'
import { saveGeoJSON } from '../../csv'
import { flagName } from '../../flag'
import { figure } from '../../frame'
import { capital, number } from '../../number'
import { slotBrief } from '../../slot'
import { words } from '../../words'
import type { Props } from '../App'
import { Grid, type Column } from '../Grid'
import { Icon } from '../Logo'
import { origin } from '../TableView'

const ZONES = 'zones:'
const LISTED = 400

const bounds = (polygons: Polygons): BBox => boxOf(polygons.flat(2))

/** Ways to say where: on the map, by its edges, from a file, by whole zones. */
function Ways({ session, state, fault }: Props & { fault: (why: Text | undefined) => void }) {
  const { lang, as } = state.view
  const fr = lang === 'fr'
  const file = useRef<HTMLInputElement>(null)
  const [edges, setEdges] = useState<string[]>(() => state.catalog!.territory.bbox.map(String))
  const give = (make: () => Polygons) => {
    try {
      const shape = make()
      fault(undefined)
      own(session, toAddress(shape) ?? 'file', shape)
      session.set({ focus: bounds(shape) })
    } catch (error) {
      fault(error instanceof Unusable ? error.why : { fr: 'Ce fichier n’a pas pu être lu.', en: 'This file could not be read.' })
    }
  }
  const read = async (input: HTMLInputElement) => {
    const chosen = input.files?.[0]
    if (!chosen) return
    const text = chosen.size > 4e6 ? ' '.repeat(4e6) : await chosen.text()
    give(() => readFile(chosen.name, text))
    input.value = ''
  }
  const names = fr ? ['Ouest', 'Sud', 'Est', 'Nord'] : ['West', 'South', 'East', 'North']
  return (
    <div class="area-ways">
      {as === 'map' && state.webgl && <button type="button" class="primary" onClick={() => draw(session, 'start')}><Icon name="draw" />{fr ? 'Tracer sur la carte' : 'Draw on the map'}</button>}
      <p><button type="button" onClick={() => file.current?.click()}><Icon name="file" />{fr ? 'Lire un fichier (GeoJSON, KML)' : 'Read a file (GeoJSON, KML)'}</button>
        <input ref={file} class="unseen" type="file" tabIndex={-1} aria-label={fr ? 'Fichier GeoJSON ou KML' : 'GeoJSON or KML file'} accept=".geojson,.json,.kml,application/geo+json" onChange={(e) => void read(e.currentTarget)} /></p>
      <form onSubmit={(e) => { e.preventDefault(); const [w, s, east, n] = edges.map((t) => Number(t.replace(',', '.'))); give(() => box(w!, s!, east!, n!)) }}>
        <fieldset>
          <legend>{fr ? 'Un rectangle, en degrés' : 'A rectangle, in degrees'}</legend>
          {names.map((name, k) => <label key={name}>{name}<input inputMode="decimal" value={edges[k]} onInput={(e) => setEdges(edges.map((t, i) => (i === k ? e.currentTarget.value : t)))} /></label>)}
          <button type="submit">{fr ? 'Calculer' : 'Compute'}</button>
        </fieldset>
      </form>
      <ZoneChoice session={session} state={state} />
    </div>
  )
}

/** Whole zones put together: no geometry is needed. */
function ZoneChoice({ session, state }: Props) {
  const { zones, places, view } = state
  const { lang } = view
  const fr = lang === 'fr'
  const chosen = view.area?.startsWith(ZONES) ? view.area.slice(ZONES.length).split(',').filter(Boolean) : []
  if (!zones || zones.count > LISTED) return null
  const order = Array.from({ length: zones.count }, (_, i) => i).filter((i) => !chosen.includes(zones.id(i))).sort((a, b) => zones.name(a, lang, places).localeCompare(zones.name(b, lang, places), 'fr', { numeric: true }))
  const set = (ids: string[]) => own(session, ids.length ? `${ZONES}${ids.join(',')}` : '')
  return (
    <div class="area-zones">
      <label class="show">{fr ? 'Des zones entières' : 'Whole zones'}{' '}
        <select value="" onChange={(e) => { const id = e.currentTarget.value; e.currentTarget.value = ''; if (id) set([...chosen, id]) }}>
          <option value="">{fr ? 'Ajouter…' : 'Add…'}</option>
          {order.map((i) => <option key={i} value={zones.id(i)}>{zones.name(i, lang, places)}</option>)}
        </select>
      </label>
      {chosen.length > 0 && <ul class="chips">{chosen.map((id) => { const i = zones.at(id); const name = i === undefined ? id : zones.name(i, lang, places); return <li key={id} class="chip">{name}<button type="button" class="quiet" aria-label={fr ? `Retirer ${name}` : `Remove ${name}`} onClick={() => set(chosen.filter((c) => c !== id))}><Icon name="close" /></button></li> })}</ul>}
    </div>
  )
}

/** The zones that lie in the shape, or those that were chosen; undefined while they are looked for. */
function useCover({ session, state }: Props, polygons: Polygons | undefined): Cover | undefined {
  const { layer, zones, view } = state
  const [got, setGot] = useState<{ key: object; cover: Cover }>()
  const chosen = useMemo((): Cover | undefined => {
    if (!zones || !view.area?.startsWith(ZONES)) return undefined
    const inside = view.area.slice(ZONES.length).split(',').map((id) => zones.at(id)).filter((i): i is number => i !== undefined)
    return { inside, crossed: [], area: inside.reduce((s, i) => s + (zones.raw.area_m2[i] ?? 0), 0) }
  }, [zones, view.area])
  useEffect(() => {
    let left = false
    void session.wantZones()
    if (layer?.zones && zones && polygons) coverOf(session.api, layer, zones, polygons).then((cover) => { if (!left) setGot({ key: polygons, cover }) }, (error) => { if (!left) session.failed(error) })
    return () => { left = true }
  }, [layer, zones, polygons])
  return chosen ?? (got?.key === polygons && polygons ? got?.cover : undefined)
}

function Result(props: Props & { cover: Cover; polygons?: Polygons }) {
  const { session, state, cover, polygons } = props
  const { frame, shown, zones, places, view, catalog, layer } = state
  const { lang } = view
  const fr = lang === 'fr'
  const w = words(lang)
  if (!shown || isFlow(shown) || !frame || !zones) return <div class="bone bone-figure" aria-hidden="true" />
  if (!addsUp(shown)) return <p>{fr ? 'Ce chiffre est une moyenne ou une part : ceux de plusieurs zones ne s’additionnent pas. Choisissez-en un autre.' : 'This figure is a mean or a share: those of several zones do not add up. Choose another one.'}</p>
  const made = compose(cover, frame)
  const slot = state.frameSlot ?? 'all'
  const system = catalog!.zone_systems.find((s) => s.id === zones.system)
  const said = { unit: say(shown.unit, lang), decimals: shown.decimals, when: slot === 'all' ? '' : slotBrief(slot, lang), zones: say(system?.title, lang), overlap: !!counted(catalog, shown) }
  const sentence = areaSentence(made, cover, said, lang)
  type Row = { i: number; share: number }
  const rows: Row[] = [...cover.inside.map((i) => ({ i, share: 1 })), ...cover.crossed.map((c) => ({ i: c.zone, share: c.share }))]
  const percent = (v: number) => (v === 1 ? (fr ? 'entière' : 'whole') : `${number(Math.min(99.9, 100 * v), lang, 1)}${fr ? '\u00a0%' : '%'}`)
  const columns: Column<Row>[] = [
    { id: 'name', title: said.zones || w.zone, key: (r) => zones.name(r.i, lang, places), cell: (r) => zones.name(r.i, lang, places) },
    { id: 'share', title: fr ? 'Part' : 'Share', numeric: true, key: (r) => r.share, cell: (r) => percent(r.share) },
    { id: 'value', title: capital(said.unit) || w.value, numeric: true, key: (r) => figure(frame, r.i).value, cell: (r) => { const f = figure(frame, r.i); return f.value === null ? flagName(f.flag, lang) : number(f.value, lang, shown.decimals) } },
  ]
  const from = origin(props)
  return (
    <>
      <p class="area-sentence" role="status"><b>{say(shown.title, lang)}.</b> {sentence}</p>
      <ul class="promises">{areaLines(made, cover, said, lang).map((l) => <li key={l}>{l}</li>)}</ul>
      {rows.length > 0 && <Grid caption={sentence} columns={columns} rows={rows} lang={lang} order="-value" id={(r) => zones.id(r.i)} name={(r) => zones.name(r.i, lang, places)}
        file={`${layer!.id}-${shown.id}-${state.slot}-area`} header={['id', 'name', 'share', 'value', 'lo', 'hi', 'flag', ...from.header]}
        record={(r) => { const f = figure(frame, r.i); return [zones.id(r.i), zones.name(r.i, lang, places), Number(r.share.toFixed(4)), f.value, f.lo, f.hi, flagName(f.flag, lang), ...from.cells] }} />}
      <p class="actions">
        {polygons && <button type="button" onClick={() => saveGeoJSON('area.geojson', toGeoJSON(polygons))}><Icon name="file" />{fr ? 'Garder le contour (GeoJSON)' : 'Keep the outline (GeoJSON)'}</button>}
        <button type="button" onClick={() => own(session, '')}>{fr ? 'Une autre zone' : 'Another area'}</button>
      </p>
      {view.area === 'file' && <p class="muted">{fr ? 'Ce contour est trop long pour un lien : il sera à relire depuis son fichier.' : 'This outline is too long for a link: it will have to be read from its file again.'}</p>}
    </>
  )
}

export function AreaBody(props: Props) {
  const { session, state } = props
  const { lang, area } = state.view
  const fr = lang === 'fr'
  const [fault, setFault] = useState<Text>()
  const why = fault ?? state.shapeFault
  const linked = useMemo(() => (area && area !== 'file' && !area.startsWith(ZONES) ? fromAddress(area) : undefined), [area])
  const polygons = area === 'file' ? state.shape : linked
  // The map is told of the shape that the address gives: by a link, or when going back.
  useEffect(() => { if (linked) session.set({ shape: linked, ...(!state.shape && !state.view.at && { focus: bounds(linked) }) }) }, [linked])
  const cover = useCover(props, polygons)
  const lost = !!area && !polygons && !area.startsWith(ZONES)
  return (
    <div class="area-body">
      {!area && <p>{fr ? 'Les chiffres d’une zone à vous : un projet, un quartier vécu, un bassin versant.' : 'The figures of an area of your own: a project, a lived-in neighbourhood, a catchment.'}</p>}
      {why && <p class="flag" role="alert">{say(why, lang)}</p>}
      {lost && <p class="flag" role="alert">{fr ? 'Le contour de ce lien n’est plus là, ou ne peut pas être lu : tracez-le de nouveau ou relisez son fichier.' : 'The outline of this link is gone, or cannot be read: draw it again or read its file.'}</p>}
      {(!area || lost || area.startsWith(ZONES)) && <Ways {...props} fault={setFault} />}
      {area && !lost && (cover ? <Result {...props} cover={cover} polygons={polygons} /> : <div class="bone bone-figure" aria-hidden="true" />)}
    </div>
  )
}

export function AreaPanel(props: Props) {
  const { session, state } = props
  const { lang } = state.view
  const close = () => {
    own(session, undefined)
    document.getElementById('stage')?.focus({ preventScroll: true })
  }
  useEffect(() => {
    const escape = (event: KeyboardEvent) => { if (event.key === 'Escape' && !event.defaultPrevented && !session.state.sketch && !document.querySelector('dialog[open]')) close() }
    document.addEventListener('keydown', escape)
    return () => document.removeEventListener('keydown', escape)
  }, [])
  const title = lang === 'fr' ? 'Votre zone' : 'Your area'
  return (
    <aside class="panel" aria-label={title}>
      <header><div><h2>{title}</h2></div><button type="button" class="quiet tool" aria-label={words(lang).closePanel} onClick={close}><Icon name="close" /></button></header>
      <AreaBody {...props} />
    </aside>
  )
}
