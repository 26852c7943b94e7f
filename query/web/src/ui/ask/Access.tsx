/** Questions 5 and 12: who has nothing near, as the crow flies. 12 begins with elderly people and care. */
import { useMemo } from 'preact/hooks'
import { accessSentence, distanceWords, exposed, farFrom, nearest, worstOff, type Group, type Share } from '../../answer/access'
import { shareWords } from '../../answer/estimate'
import { compose, type Cover } from '../../area/figure'
import { facilities, hazards } from '../../ask'
import { counted, isFlow, labelled, say, type Layer, type Measure } from '../../catalog'
import type { FeatureRow } from '../../feature'
import type { Frame } from '../../frame'
import { look, scale } from '../../legend'
import { number, share } from '../../number'
import { words } from '../../words'
import type { Props } from '../App'
import { Grid, type Column } from '../Grid'
import { Answer, Controls, MapPart, Next, Part, SourcePick, Sure, TEXT, useAsked } from './parts'

const LIMITS = [300, 500, 1000, 2000, 3000, 5000]
const BOUNDS = [300, 500, 1000, 2000, 3000]
const FIRST: Record<number, RegExp> = { 5: /commerce|shop|boulang|bakery|enseign|école|school/i, 12: /sant|health|médecin|doctor/i }

/** Who lives where it is dangerous: the cells in the polygons of a layer, those on its border by their share of area. */
function Hazard(props: Props & { hazard: Layer; groups: Group[] }) {
  const { session, state, hazard, groups } = props
  const { lang } = state.view
  const fr = lang === 'fr'
  const { layer, zones } = state
  const cover = useAsked<Cover>(props, `hazard/${hazard.id}/${layer!.zones}`, async () => {
    const [{ polygonsOf }, { coverOf }] = await Promise.all([import('../../parquet'), import('../../area/cover')])
    return coverOf(session.api, layer!, zones!, await polygonsOf(session.api, hazard.download!))
  })
  const name = say(hazard.title, lang)
  return (
    <Part title={name} class="hazard">
      {!cover ? <div class="bone bone-figure" aria-hidden="true" /> : (
        <>
          <ul class="promises">{groups.map((g) => { const made = compose(cover, g.frame); return <li key={g.id}><b>{g.name}</b>{fr ? ' : ' : ': '}{exposed(made, g.unit, lang)}</li> })}</ul>
          <p class="muted">{fr ? `Carreaux qui touchent « ${name} » ; ceux qu’il coupe comptent selon leur surface, et l’intervalle va de rien à tout.` : `Squares that touch “${name}”; those that it cuts count by their area, and the interval goes from nothing to everything.`}</p>
        </>
      )}
    </Part>
  )
}

export function AccessPage(props: Props) {
  const { session, state } = props
  const { zones, places, view, layer, catalog, shown } = state
  const { lang } = view
  const fr = lang === 'fr'
  const w = words(lang)
  const system = layer!.zones!
  const spots = facilities(catalog!)[0]!
  const needs = Object.keys(spots.style!.colours!).map((id) => ({ id, name: labelled(spots, spots.style!.by, id, lang), both: say(spots.style!.labels?.[id], 'fr') + say(spots.style!.labels?.[id], 'en') + id }))
  const need = needs.find((n) => n.id === view.need) ?? needs.find((n) => FIRST[view.question!]?.test(n.both)) ?? needs[0]!
  const limit = LIMITS.includes(Number(view.within)) ? Number(view.within) : 1000
  const measures = catalog!.measures.filter((m) => m.systems.some((s) => s.zones === system) && m.slots.includes('all') && !counted(catalog, m))
  const frames = useAsked<Frame[]>(props, `residents/${system}`, () => Promise.all(measures.map((m) => session.figures(m.id, system, 'all'))))
  const points = useAsked<FeatureRow[]>(props, `points/${spots.id}`, async () => (await import('../../parquet')).pointsOf(session.api, spots.download!))
  const near = useMemo(() => points?.filter((p) => String(p.properties[spots.style!.by!]) === need.id), [points, need.id])
  const distance = useMemo(() => zones && near && nearest(zones.raw.lon, zones.raw.lat, near), [zones, near])
  if (!zones || !frames || !distance || !shown || isFlow(shown)) return <Answer text={undefined} lang={lang} />
  const half = Math.sqrt((zones.raw.area_m2[0] ?? 40_000) / 2)
  const place = view.place === undefined ? undefined : places?.at(view.place)
  const own = place === undefined || !places ? () => true : (i: number) => zones.parent(i, places.system) === place
  const groups = measures.map((m, k): Group => ({ id: m.id, name: say(m.title, lang), unit: say(m.unit, lang), frame: frames[k]! }))
  const main = groups.find((g) => g.id === shown.id) ?? groups[0]!
  const shares = groups.map((g) => farFrom(g, distance, limit, half, own))
  const mine = shares.find((s) => s.id === main.id)!
  const where = place === undefined ? (fr ? 'sur tout le territoire' : 'in the whole territory') : fr ? `à ${places!.name(place, lang)}` : `in ${places!.name(place, lang)}`
  const sentence = `${accessSentence(mine, { place: where, need: need.name, limit }, lang)} ${worstOff(shares, lang)}`.trim()
  const frame: Frame = { value: main.frame.value.map((v, i) => (v === null || v === 0 || !Number.isFinite(distance[i]) ? null : Math.round(distance[i]! / 10) * 10)), flag: main.frame.value.map((v, i) => (v === null ? main.frame.flag[i]! : v === 0 || !Number.isFinite(distance[i]) ? 3 : 0)) }
  const classes = scale(BOUNDS, 0)
  const measure: Measure = { ...shown, id: 'distance', title: { fr: `Distance à vol d’oiseau : ${labelled(spots, spots.style!.by, need.id, 'fr')}`, en: `Distance as the crow flies: ${labelled(spots, spots.style!.by, need.id, 'en')}` }, unit: { fr: 'm', en: 'm' }, decimals: 0, summary: undefined }
  const far = { ...state, shown: measure, frame, scale: classes, looks: frame.value.map((v, i) => look(classes, v, frame.flag[i]!)), profile: undefined }
  const byPlace = places ? Array.from({ length: places.count }, (_, p) => ({ p, s: farFrom(main, distance, limit, half, (i) => zones.parent(i, places.system) === p) })).filter((r) => r.s.whole.value > 0) : []
  const range = (s: Share) => `${number(s.far.lo!, lang)} – ${number(s.far.hi!, lang)}`
  const columns: Column<{ p: number; s: Share }>[] = [
    { id: 'name', title: fr ? 'Commune' : 'Commune', key: (r) => places!.name(r.p, lang), cell: (r) => places!.name(r.p, lang) },
    { id: 'far', title: fr ? `À plus de ${distanceWords(limit, lang)}` : `Beyond ${distanceWords(limit, lang)}`, numeric: true, key: (r) => r.s.far.value, cell: (r) => number(r.s.far.value, lang) },
    { id: 'range', title: fr ? 'Au moins – au plus' : 'At least – at most', numeric: true, wide: true, key: (r) => r.s.far.hi! - r.s.far.lo!, cell: (r) => range(r.s) },
    { id: 'whole', title: main.name, numeric: true, wide: true, key: (r) => r.s.whole.value, cell: (r) => number(r.s.whole.value, lang) },
    { id: 'share', title: w.flowShare, numeric: true, key: (r) => r.s.far.value / r.s.whole.value, cell: (r) => share(r.s.far.value, r.s.whole.value, lang) },
  ]
  return (
    <>
      <div class="controls">
        <SourcePick {...props} />
        <label class="show">{fr ? 'Qui' : 'Who'}{' '}<select value={shown.id} onChange={(e) => session.go({ show: e.currentTarget.value })}>{(layer!.measures ?? []).map((id) => groups.find((g) => g.id === id)).filter((g) => !!g).map((g) => <option key={g.id} value={g.id} selected={g.id === main.id}>{g.name}</option>)}</select></label>
        <label class="show">{fr ? 'Loin de' : 'Far from'}{' '}<select value={need.id} onChange={(e) => session.go({ need: e.currentTarget.value }, 'replace')}>{needs.map((n) => <option key={n.id} value={n.id} selected={n.id === need.id}>{n.name}</option>)}</select></label>
        <label class="show">{fr ? 'Plus de' : 'More than'}{' '}<select value={String(limit)} onChange={(e) => session.go({ within: e.currentTarget.value }, 'replace')}>{LIMITS.map((m) => <option key={m} value={String(m)} selected={m === limit}>{distanceWords(m, lang)}</option>)}</select></label>
        {place !== undefined && <Controls session={session} state={{ ...state, shown: undefined, layer: { ...layer!, measures: [], flows: [] } }} />}
      </div>
      <Answer text={sentence} lang={lang} />
      <div class="ask-two">
        <MapPart {...props} state={far} />
        <div class="stack">
        {view.question === 12 && hazards(catalog!).map((l) => <Hazard key={l.id} {...props} hazard={l} groups={groups} />)}
        <Part title={fr ? 'Pour qui ?' : 'For whom?'}>
          <ul class="modes">
            {shares.filter((s) => s.whole.value > 0).map((s) => (
              <li key={s.id}><span>{s.name}</span>
                <svg viewBox="0 0 200 16" preserveAspectRatio="none" aria-hidden="true"><rect class="bar-all" width="200" height="16" /><rect class="bar-of" width={(200 * s.far.value) / s.whole.value} height="16" /><path d={`M${(200 * s.far.lo!) / s.whole.value} 8H${(200 * s.far.hi!) / s.whole.value}`} stroke="#26241f" stroke-width="2" /></svg>
                <span class="num">{shareWords(s.far, s.whole, lang)}</span></li>
            ))}
          </ul>
        </Part>
      <Sure {...props} lines={[
        fr ? `Les distances sont à vol d’oiseau : par les rues, c’est plus long. Aucun horaire ni aucune capacité n’est compté.` : 'Distances are as the crow flies: by streets it is longer. No opening hour and no capacity is counted.',
        fr ? `On ne sait pas où chacun habite dans son carreau : « au moins » et « au plus » supposent ${number(half, lang)} m de plus ou de moins.` : `Where people live within their square is not known: “at least” and “at most” suppose ${number(half, lang)} m more or less.`,
        mine.estimated > 0 && (fr ? `${share(mine.estimated, 1, lang)} du chiffre est estimé par son producteur, carreau par carreau.` : `${share(mine.estimated, 1, lang)} of the figure is estimated by its producer, square by square.`),
        fr ? `${number(near!.length, lang)} lieux du domaine « ${need.name} », d’après : ${say(spots.title, lang)}` : `${number(near!.length, lang)} places of the family “${need.name}”, from: ${say(spots.title, lang)}`,
        view.question === 12 && hazards(catalog!).length === 0 && (fr ? 'Chaleur, inondation : aucune couche d’aléa dans cette publication. Ajoutez-en une (zones inondables, îlots de chaleur) pour croiser.' : 'Heat, flood: no hazard layer in this release. Add one (flood zones, heat islands) to cross them.'),
      ]} />
        </div>
      </div>
      <Part title={TEXT[lang].table}>
        <Grid caption={sentence} columns={columns} rows={byPlace} lang={lang} order="-far" id={(r) => places!.id(r.p)} name={(r) => places!.name(r.p, lang)} selected={view.place} choose={(r) => session.visit(r.p)}
          file={`far-${main.id}-${need.id}-${limit}`} header={['id', 'name', 'group', 'need', 'limit_m', 'far', 'far_at_least', 'far_at_most', 'whole', 'release']}
          record={(r) => [places!.id(r.p), places!.name(r.p, lang), main.name, need.name, limit, r.s.far.value, r.s.far.lo, r.s.far.hi, r.s.whole.value, catalog!.release]} />
      </Part>
      <Next {...props} ways={[
        ...LIMITS.filter((m) => m !== limit && (m === 500 || m === 2000)).map((m) => ({ text: fr ? `Et à plus de ${distanceWords(m, lang)} ?` : `And beyond ${distanceWords(m, lang)}?`, go: () => session.go({ within: String(m) }, 'replace') })),
        { text: view.question === 12 ? (fr ? 'Où manque-t-il des services ?' : 'Where are services missing?') : (fr ? 'Qui est fragile ou isolé ?' : 'Who is fragile or isolated?'), go: () => session.ask(view.question === 12 ? 5 : 12) },
      ]} />
    </>
  )
}
