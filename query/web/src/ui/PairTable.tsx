/** Every published journey between the zones of a flow, greatest first: the same as the lines of the map, and the others. */
import { useMemo } from 'preact/hooks'
import { isFlow, say } from '../catalog'
import { flagName } from '../flag'
import { capital, number, share } from '../number'
import { words } from '../words'
import type { Props } from './App'
import { Grid, intervalColumn, type Column } from './Grid'
import { origin } from './TableView'

interface Row { k: number; from: string; to: string; value: number | null; lo: number | null; hi: number | null; flag: number }

export function PairTable(props: Props) {
  const { session, state } = props
  const { rows, zones, shown, view, layer } = state
  const { lang } = view
  const fr = lang === 'fr'
  const w = words(lang)
  const outside = fr ? 'hors du territoire' : 'outside the territory'
  const list = useMemo((): Row[] => {
    const name = (i: number | null | undefined) => (i === null || i === undefined ? outside : zones!.name(i, lang))
    return rows && zones ? rows.value.map((value, k) => ({ k, from: name(rows.origin[k]), to: name(rows.destination[k]), value: value ?? null, lo: rows.lo?.[k] ?? null, hi: rows.hi?.[k] ?? null, flag: rows.flag[k] ?? 0 })) : []
  }, [rows, zones, lang])
  if (!rows || !zones || !shown || !isFlow(shown)) return null
  // People who make several journeys count in each: then the journeys have no sum, and no shares of it.
  const adds = !shown.table
  const total = list.reduce((s, r) => s + (r.value ?? 0), rows.rest?.value ?? 0)
  const unit = say(shown.unit, lang)
  const columns: Column<Row>[] = [
    { id: 'from', title: w.origin, key: (r) => r.from, cell: (r) => r.from },
    { id: 'to', title: w.destination, key: (r) => r.to, cell: (r) => r.to },
    { id: 'value', title: capital(unit), numeric: true, key: (r) => r.value, cell: (r) => (r.value === null ? flagName(r.flag, lang) : number(r.value, lang, shown.decimals)) },
    ...(rows.lo ? [intervalColumn<Row>(lang, shown.decimals, true)] : []),
    ...(adds ? [{ id: 'share', wide: true, title: w.flowShare, numeric: true, key: (r: Row) => r.value, cell: (r: Row) => (r.value === null ? '' : share(r.value, total, lang)) }] : []),
  ]
  const from = origin(props)
  const id = (i: number | null | undefined) => (i === null || i === undefined ? '' : zones.id(i))
  return (
    <Grid caption={`${say(shown.title, lang)} – ${say(layer?.title, lang)}`} columns={columns} rows={list} lang={lang} order="-value" id={(r) => String(r.k)} name={(r) => `${r.from} ${r.to}`}
      choose={(r) => { const end = (view.dir ?? 'to') === 'to' ? rows.destination[r.k] : rows.origin[r.k]; if (end !== null && end !== undefined) session.select(end) }}
      note={!!rows.rest?.pairs && <p class="muted">{fr ? `Les ${number(list.length, lang)} plus grands trajets ; les ${number(rows.rest.pairs, lang)} autres : ${number(rows.rest.value, lang, shown.decimals)} ${unit}. Tous sont dans le fichier des flux.` : `The ${number(list.length, lang)} greatest journeys; the ${number(rows.rest.pairs, lang)} others: ${number(rows.rest.value, lang, shown.decimals)} ${unit}. All are in the file of flows.`}</p>}
      file={`${shown.id}-${state.slot}`} header={['origin', 'origin_name', 'destination', 'destination_name', 'value', 'lo', 'hi', 'flag', ...from.header]}
      record={(r) => [id(rows.origin[r.k]), r.from, id(rows.destination[r.k]), r.to, r.value, r.lo, r.hi, flagName(r.flag, lang), ...from.cells]} />
  )
}
