/** The same content as the map, as a table: zones with their figures, journeys, or features. */
import { useMemo, useState } from 'preact/hooks'
import { counted, isFlow, labelled, placeSystem, say, type Layer, type Property } from '../catalog'
import type { FeatureRow } from '../feature'
import { flagName } from '../flag'
import { partners, type Partner } from '../flow'
import { figure, type Figure } from '../frame'
import { capital, number, share, withUnit } from '../number'
import { slotWords } from '../slot'
import { words } from '../words'
import type { Props } from './App'
import { Grid, intervalColumn, type Column } from './Grid'
import { Swatch } from './Legend'
import { PairTable } from './PairTable'
import { NOTHING, ZERO } from '../legend'

/** What every record of a file says besides its figures: where they come from. */
export function origin({ state }: Props): { header: string[]; cells: string[] } {
  const { catalog, shown, layer, slot } = state
  const source = catalog?.sources.find((s) => s.id === (shown?.source ?? layer?.source))
  return {
    header: ['slot', 'moment', 'measure', 'unit', 'source', 'producer', 'licence', 'vintage', 'release', 'synthetic'],
    cells: [slot, shown ? slotWords(slot, state.view.lang, counted(catalog, shown)) : '', shown?.id ?? layer?.id ?? '', say(shown?.unit, state.view.lang), source?.id ?? '', source?.producer ?? '', source?.licence ?? '', source?.vintage ?? '',
      catalog?.release ?? '', catalog?.territory.synthetic ? 'yes' : 'no'],
  }
}

interface ZoneRow extends Figure { i: number; name: string; parent: string }

function ZoneTable(props: Props) {
  const { session, state } = props
  const { zones, places, frame, shown, looks, scale, layer, view, catalog } = state
  const { lang } = view
  const w = words(lang)
  const parentSystem = zones && places && zones.system !== places.system && zones.raw.parents?.[places.system] ? places.system : undefined
  const place = view.place === undefined ? undefined : places?.at(view.place)
  const rows = useMemo((): ZoneRow[] => {
    if (!zones || (shown && !frame)) return []
    const inside = Array.from({ length: zones.count }, (_, i) => i).filter((i) => place === undefined || !parentSystem || zones.parent(i, parentSystem) === place)
    return inside.map((i) => {
      const parent = parentSystem ? zones.parent(i, parentSystem) : undefined
      const f = frame ? figure(frame, i) : { value: null, lo: null, hi: null, flag: 0 }
      return { i, name: zones.name(i, lang), parent: parent === undefined ? '' : places!.name(parent, lang), ...f, flag: looks?.[i] === NOTHING ? 0 : f.flag }
    })
  }, [zones, places, frame, looks, place, lang])
  if (!zones || (shown && !frame)) return <div class="bone bone-table" aria-hidden="true" />
  const unit = say(shown?.unit, lang)
  const swatch = (r: ZoneRow) => {
    const l = looks?.[r.i] ?? NOTHING
    return <Swatch look={l < 1 ? l : undefined} colour={l > 0 ? scale?.colours[l - 1] : l === ZERO ? '#ffffff' : undefined} />
  }
  const intervals = !!frame?.lo
  const system = catalog?.zone_systems.find((s) => s.id === zones.system)
  const columns: Column<ZoneRow>[] = [
    { id: 'name', title: say(system?.title, lang) || w.zone, key: (r) => r.name, cell: (r) => r.name },
    ...(parentSystem ? [{ id: 'parent', wide: true, title: say(placeSystem(catalog!)?.title, lang), key: (r: ZoneRow) => r.parent || null, cell: (r: ZoneRow) => r.parent }] : []),
    ...(shown ? [
      { id: 'value', title: unit ? `${say(shown.title, lang)} (${unit})` : say(shown.title, lang), numeric: true, key: (r: ZoneRow) => r.value, cell: (r: ZoneRow) => <>{r.value === null ? '' : number(r.value, lang, shown.decimals)}{swatch(r)}</> },
      ...(intervals ? [intervalColumn<ZoneRow>(lang, shown.decimals)] : []),
      { id: 'state', title: w.state, key: (r: ZoneRow) => flagName(r.flag, lang) || null, cell: (r: ZoneRow) => flagName(r.flag, lang) },
    ] : [{ id: 'id', title: w.identifier, key: (r: ZoneRow) => zones.id(r.i), cell: (r: ZoneRow) => zones.id(r.i) }]),
  ]
  const from = origin(props)
  return (
    <Grid caption={`${say(layer!.title, lang)} – ${slotWords(state.frameSlot ?? 'all', lang, counted(catalog, shown))}`} columns={columns} rows={rows} lang={lang} order={shown ? '-value' : 'name'}
      id={(r) => zones.id(r.i)} name={(r) => `${r.name} ${r.parent}`} selected={view.zone} choose={(r) => session.select(r.i)}
      file={`${layer!.id}-${shown?.id ?? 'zones'}-${state.slot}`} header={['id', 'name', 'within', 'value', 'lo', 'hi', 'flag', ...from.header]}
      record={(r) => [zones.id(r.i), r.name, r.parent, r.value, r.lo, r.hi, flagName(r.flag, lang), ...from.cells]} />
  )
}

/** The journeys of one zone: the drawn ones, the rest, and what stays inside. */
export function FlowTable(props: Props) {
  const { session, state } = props
  const { rows, zones, shown, view } = state
  const { lang } = view
  const w = words(lang)
  const zone = view.zone === undefined ? undefined : zones?.at(view.zone)
  const dir = view.dir ?? 'to'
  const found = useMemo(() => (rows && zone !== undefined ? partners(rows, zone, dir) : undefined), [rows, zone, dir])
  if (!zones || !shown || zone === undefined || !found) return null
  const name = zones.name(zone, lang)
  if (found.all.length === 0) return <p class="empty">{w.noFlows}</p>
  const value = (p: Partner) => (p.value === null ? flagName(p.flag, lang) : number(p.value, lang, shown.decimals))
  const columns: Column<Partner>[] = [
    { id: 'name', title: dir === 'to' ? w.origin : w.destination, key: (p) => zones.name(p.zone, lang), cell: (p) => zones.name(p.zone, lang) },
    { id: 'value', title: capital(say(shown.unit, lang)) || w.value, numeric: true, key: (p) => p.value, cell: value },
    ...(rows?.lo ? [intervalColumn<Partner>(lang, shown.decimals, true)] : []),
    { id: 'share', title: w.flowShare, numeric: true, key: (p) => p.value, cell: (p) => (p.value === null ? '' : share(p.value, found.total, lang)) },
  ]
  const from = origin(props)
  return (
    <Grid caption={dir === 'to' ? w.flowsTo(name) : w.flowsFrom(name)} columns={columns} rows={found.all} lang={lang} order="-value"
      id={(p) => zones.id(p.zone)} name={(p) => zones.name(p.zone, lang)} choose={(p) => session.select(p.zone)}
      note={found.outside !== null && <p class="muted">{w.outside(withUnit(found.outside, say(shown.unit, lang), lang, shown.decimals), dir === 'to')}</p>}
      file={`${shown.id}-${dir}-${zones.id(zone)}`} header={['origin', 'origin_name', 'destination', 'destination_name', 'value', 'lo', 'hi', 'flag', ...from.header]}
      record={(p) => {
        const [o, d] = dir === 'to' ? [p.zone, zone] : [zone, p.zone]
        return [zones.id(o), zones.name(o, lang), zones.id(d), zones.name(d, lang), p.value, p.lo, p.hi, flagName(p.flag, lang), ...from.cells]
      }} />
  )
}

/** A property as people read it. */
export function propertyText(value: string | number | boolean | undefined, property: Property | undefined, lang: 'fr' | 'en', layer?: Layer): string {
  if (value === undefined || value === '') return ''
  if (typeof value === 'boolean') return value ? words(lang).yes : words(lang).no
  const unit = property?.unit ? `\u00a0${property.unit}` : ''
  if (typeof value === 'string') return `${labelled(layer, property?.name, value, lang)}${unit}`
  return typeof value === 'number' && property?.type !== 'text' ? `${number(value, lang, Number.isInteger(value) ? 0 : 1)}${unit}` : `${value}${unit}`
}

function FeatureTable(props: Props) {
  const { session, state } = props
  const { features, layer, view } = state
  const { lang } = view
  const w = words(lang)
  const properties = (layer?.properties ?? []).filter((p) => p.name !== 'id')
  const named = properties.find((p) => p.type === 'text')
  const point = layer?.geometry === 'point'
  if (features === undefined) return <div class="bone bone-table" aria-hidden="true" />
  if (features === null) return <p class="empty">{w.tooWide}</p>
  const title = (p: Property) => `${say(p.title, lang) || p.name}${p.unit ? ` (${p.unit})` : ''}`
  const label = (r: FeatureRow) => String((named && r.properties[named.name]) ?? r.id)
  const columns: Column<FeatureRow>[] = [
    ...(named ? [] : [{ id: 'id', title: w.identifier, key: (r: FeatureRow) => r.id, cell: (r: FeatureRow) => r.id }]),
    ...[...(named ? [named] : []), ...properties.filter((p) => p !== named)].map((p): Column<FeatureRow> => ({
      id: p.name, title: title(p), numeric: p.type === 'number' || p.type === 'integer',
      key: (r) => { const v = r.properties[p.name]; return v === undefined ? null : typeof v === 'boolean' ? String(v) : v },
      cell: (r) => propertyText(r.properties[p.name], { ...p, unit: '' }, lang, layer) || (p === named ? r.id : ''),
    })),
  ]
  const from = origin(props)
  return (
    <Grid caption={say(layer!.title, lang)} columns={columns} rows={features} lang={lang} order={columns[0]!.id} id={(r) => r.id} name={label}
      selected={view.zone} choose={(r) => session.selectFeature(r)} file={layer!.id}
      header={['id', ...(point ? ['lon', 'lat'] : []), ...properties.map((p) => p.name), ...from.header]}
      record={(r) => [r.id, ...(point ? [Number(r.lon.toFixed(6)), Number(r.lat.toFixed(6))] : []), ...properties.map((p) => { const v = r.properties[p.name]; return typeof v === 'boolean' ? String(v) : v }), ...from.cells]}
      note={<p class="muted">{view.place ? '' : w.inView}{layer!.download && <> <a href={session.api.absolute(layer!.download)} download>{w.downloadLayer}</a></>}</p>} />
  )
}

export function TableView(props: Props) {
  const { layer, shown, view, zones, frame, features, problem } = props.state
  const [pairs, setPairs] = useState(false)
  if (!layer || (problem && !frame && !features)) return null
  if (!layer.zones) return <FeatureTable {...props} />
  if (shown && isFlow(shown) && view.zone !== undefined && zones?.at(view.zone) !== undefined) return <FlowTable {...props} />
  if (shown && isFlow(shown)) {
    const fr = view.lang === 'fr'
    return (
      <>
        <div class="segments" role="group" aria-label={words(view.lang).table}>
          <button type="button" aria-pressed={!pairs} onClick={() => setPairs(false)}>{fr ? 'Par lieu' : 'By place'}</button>
          <button type="button" aria-pressed={pairs} onClick={() => setPairs(true)}>{fr ? 'Trajet par trajet' : 'Journey by journey'}</button>
        </div>
        {pairs ? <PairTable {...props} /> : <ZoneTable {...props} />}
      </>
    )
  }
  return <ZoneTable {...props} />
}

