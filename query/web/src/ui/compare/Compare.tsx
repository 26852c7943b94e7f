/** Two moments or two releases: one map over the other under a divider, or side by side, and the differences as a table. Loaded when first wanted. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Past } from '../../api'
import { differenceWords, lackWords, signed, tallyOf, tallySentence, verdictWords, type Change } from '../../answer/change'
import { changesFrom, comparable, Missing, other, RELEASE, type Other } from '../../compare'
import { isFlow, say } from '../../catalog'
import { TerritoryMap } from '../../map/map'
import { date, LOCALE, number } from '../../number'
import type { State } from '../../session'
import { slotBrief, whenWords } from '../../slot'
import { words } from '../../words'
import type { Props } from '../App'
import { Grid, type Column } from '../Grid'
import { Icon } from '../Logo'
import { origin } from '../TableView'

/** The day on which a release was made; its time too where two were made that day. */
function dayOf(release: string, list: Past[], lang: 'fr' | 'en', timeZone: string): string {
  const day = (p: Past, timeStyle?: 'short') => new Intl.DateTimeFormat(LOCALE[lang], { dateStyle: 'medium', timeStyle, timeZone }).format(new Date(p.built_at))
  const found = list.find((p) => p.id === release)
  if (!found) return release
  return list.some((p) => p !== found && day(p) === day(found)) ? day(found, 'short') : day(found)
}

/** What each side is, in a few words. */
function names(state: State, then: Other, list: Past[]): [string, string] {
  const { lang } = state.view
  const slot = state.frameSlot ?? 'all'
  if (!then.release) return [slotBrief(then.slot, lang), slotBrief(slot, lang)]
  const of = lang === 'fr' ? 'publication du ' : 'release of '
  const zone = state.catalog!.territory.time_zone
  return [of + dayOf(then.release, list, lang, zone), of + dayOf(state.catalog!.release, list, lang, zone)]
}

/** The map of the other side: it follows the first one, and a zone chosen on it is chosen on both. */
function OtherMap({ session, state, then, label }: Props & { then: Other; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  const map = useRef<TerritoryMap | undefined>(undefined)
  const chosen = state.view.zone === undefined ? undefined : then.zones.at(state.view.zone)
  const scene = useMemo(() => ({ layer: then.layer, zones: then.zones, ...(state.places && { places: state.places }), ...(state.scale && { scale: state.scale }), looks: then.looks, flags: then.frame.flag, relief: !!state.view.relief, ...(chosen !== undefined && { zone: chosen }), label }), [then, state.places, state.scale, state.view.relief, chosen, label])
  useEffect(() => {
    try {
      map.current = new TerritoryMap(box.current!, then.api, then.catalog, { at: session.state.view.at, layer: then.layer }, {
        ready: () => undefined, failed: () => session.set({ mapFailed: true }), feature: () => undefined, over: () => undefined, corners: () => undefined, corner: () => undefined, draw: () => undefined,
        zone: (i) => { const now = i === undefined ? undefined : session.state.zones?.at(then.zones.id(i)); session.select(now) },
        moved: (at) => session.moved(at), nothingHere: () => session.set({ announcement: words(session.state.view.lang).nothingHere }),
        padding: () => ({ top: 20, right: 20, bottom: 20, left: 20 }),
      })
      map.current.join()
      map.current.show(scene)
    } catch {
      session.withoutMap()
    }
    return () => { map.current?.remove(); map.current = undefined }
  }, [then.catalog, then.layer])
  useEffect(() => map.current?.show(scene), [scene])
  return <div class="map-box other-map"><div class="map" ref={box} /></div>
}

/** The line between the two maps: dragged, or moved with the arrow keys. */
function Divider({ fr }: { fr: boolean }) {
  const [at, setAt] = useState(50)
  const el = useRef<HTMLDivElement>(null)
  const set = (v: number) => setAt(Math.min(98, Math.max(2, Math.round(v))))
  useEffect(() => { el.current?.closest<HTMLElement>('.stage-body')?.style.setProperty('--cut', `${at}%`) }, [at])
  const drag = (event: PointerEvent) => {
    const stage = el.current!.closest('.stage-body')!.getBoundingClientRect()
    set(((event.clientX - stage.left) / stage.width) * 100)
  }
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageUp: 10, PageDown: -10 }[event.key]
    if (step !== undefined || event.key === 'Home' || event.key === 'End') {
      event.preventDefault()
      set(event.key === 'Home' ? 2 : event.key === 'End' ? 98 : at + step!)
    }
  }
  return (
    <div class="divider" ref={el} role="slider" tabIndex={0} aria-orientation="horizontal" aria-label={fr ? 'Ligne de partage des deux cartes' : 'Line between the two maps'} aria-valuemin={2} aria-valuemax={98} aria-valuenow={at} aria-valuetext={fr ? `${at} % de la largeur à gauche` : `${at}% of the width on the left`}
      onKeyDown={keys} onPointerDown={(e) => { el.current!.setPointerCapture(e.pointerId); drag(e) }} onPointerMove={(e) => { if (el.current!.hasPointerCapture(e.pointerId)) drag(e) }}>
      <span aria-hidden="true"><Icon name="back" /><Icon name="next" /></span>
    </div>
  )
}

/** What is compared with what, how, and what comes of it. */
export function CompareBar({ session, state, then, list, fault }: Props & { then: Other | undefined; list: Past[]; fault: string }) {
  const { view, shown, slot, zones, frame, catalog } = state
  const { lang } = view
  const fr = lang === 'fr'
  const bar = useRef<HTMLDivElement>(null)
  // The maps begin under the bar, whatever its height.
  useEffect(() => {
    const stage = bar.current?.closest<HTMLElement>('.stage-body')
    if (!stage) return
    const watch = new ResizeObserver(() => stage.style.setProperty('--bar', `${bar.current?.offsetHeight ?? 0}px`))
    watch.observe(bar.current!)
    return () => { watch.disconnect(); stage.style.removeProperty('--bar') }
  }, [])
  if (!shown || isFlow(shown)) return null
  const slots = comparable(shown, slot)
  const past = list.filter((p) => p.id !== catalog!.release)
  const tally = then && zones && frame ? tallyOf(changesFrom(then, zones, frame)) : undefined
  const [a, b] = then ? names(state, then, list) : ['', '']
  return (
    <div class="compare-bar" ref={bar}>
      <label class="show">{fr ? 'Comparer avec' : 'Compare with'}{' '}
        <select value={view.vs ?? ''} onChange={(e) => session.go({ vs: e.currentTarget.value }, 'replace')}>
          <option value="">{slots.length + past.length ? (fr ? 'Choisir…' : 'Choose…') : fr ? 'Rien à comparer ici' : 'Nothing to compare here'}</option>
          {slots.length > 0 && <optgroup label={fr ? 'Un autre moment' : 'Another moment'}>{slots.map((s) => <option key={s} value={s} selected={s === view.vs}>{whenWords(s, lang)}</option>)}</optgroup>}
          {past.length > 0 && <optgroup label={fr ? 'Une publication passée' : 'A past release'}>{past.map((p) => <option key={p.id} value={RELEASE + p.id} selected={RELEASE + p.id === view.vs}>{date(p.built_at, lang, catalog!.territory.time_zone)} ({p.id.slice(-6)})</option>)}</optgroup>}
        </select>
      </label>
      {view.as === 'map' && then && (
        <div class="segments" role="group" aria-label={fr ? 'Disposition' : 'Layout'}>
          {[false, true].map((beside) => <button key={String(beside)} type="button" aria-pressed={!!view.beside === beside} onClick={() => session.go({ beside: beside || undefined }, 'replace')}>{beside ? (fr ? 'Côte à côte' : 'Side by side') : fr ? 'Glisser' : 'Swipe'}</button>)}
        </div>
      )}
      <button type="button" class="quiet" onClick={() => session.go({ vs: undefined, beside: undefined })}><Icon name="close" />{fr ? 'Ne plus comparer' : 'Stop comparing'}</button>
      <p class="compare-said" role="status">{fault || (tally && tallySentence(tally, a, b, lang))}</p>
    </div>
  )
}

/** The two sides, place by place. */
export function CompareTable(props: Props & { then: Other; list: Past[] }) {
  const { session, state, then, list } = props
  const { zones, frame, shown, view, places, layer } = state
  const { lang } = view
  const fr = lang === 'fr'
  if (!zones || !frame || !shown || isFlow(shown)) return null
  const unit = say(shown.unit, lang)
  const [a, b] = names(state, then, list)
  const rows = changesFrom(then, zones, frame)
  const n = (v: number | undefined) => (v === undefined ? '–' : number(v, lang, shown.decimals))
  const columns: Column<Change>[] = [
    { id: 'name', title: fr ? 'Lieu' : 'Place', key: (r) => zones.name(r.zone, lang, places), cell: (r) => zones.name(r.zone, lang, places) },
    { id: 'a', title: a, numeric: true, key: (r) => r.a?.value ?? null, cell: (r) => n(r.a?.value) },
    { id: 'b', title: b, numeric: true, key: (r) => r.b?.value ?? null, cell: (r) => n(r.b?.value) },
    { id: 'd', title: fr ? 'Écart' : 'Difference', numeric: true, key: (r) => r.d?.value ?? null, cell: (r) => (r.d ? signed(r.d.value, lang, shown.decimals) : '–') },
    { id: 'v', title: fr ? 'Verdict' : 'Verdict', wide: true, key: (r) => r.verdict, cell: (r) => (r.verdict === 'unknown' ? lackWords(r.lack ?? 'missing', lang) : r.verdict === 'change' && r.d ? differenceWords(r.d, unit, lang, shown.decimals) : verdictWords(r.verdict, lang)) },
  ]
  const from = origin(props)
  return (
    <Grid caption={`${say(layer!.title, lang)} – ${a} / ${b}`} columns={columns} rows={rows} lang={lang} order="name" id={(r) => zones.id(r.zone)} name={(r) => zones.name(r.zone, lang, places)} selected={view.zone} choose={(r) => session.select(r.zone)}
      file={`${layer!.id}-${shown.id}-compared`} header={['id', 'name', 'before', 'before_value', 'after', 'after_value', 'difference', 'lo', 'hi', 'verdict', ...from.header]}
      record={(r) => [zones.id(r.zone), zones.name(r.zone, lang, places), then.release ?? then.slot, r.a?.value, then.release ? state.catalog!.release : state.frameSlot ?? 'all', r.b?.value, r.d?.value, r.d?.lo, r.d?.hi, r.verdict === 'unknown' ? lackWords(r.lack ?? 'missing', lang) : verdictWords(r.verdict, lang), ...from.cells]} />
  )
}

/** The other side of a comparison, once it is here. */
export function useOther({ session, state }: Props): { then: Other | undefined; list: Past[]; fault: string } {
  const { view, scale, layer, shown, slot, catalog } = state
  const [got, setGot] = useState<{ key: string; then?: Other; fault: string }>()
  const [list, setList] = useState<Past[]>([])
  useEffect(() => { session.wanted('releases', () => session.api.releases()).then(setList, () => undefined) }, [catalog])
  const key = [view.vs, layer?.id, shown?.id, slot].join('|')
  useEffect(() => {
    let left = false
    void session.wantZones()
    if (view.vs && scale) other(session, state, view.vs).then((then) => { if (!left) setGot({ key, then, fault: '' }) }, (error: unknown) => {
      if (left) return
      setGot({ key, fault: error instanceof Missing ? (view.lang === 'fr' ? 'Ce chiffre n’existe pas de l’autre côté : rien à comparer.' : 'This figure does not exist on the other side: nothing to compare.') : view.lang === 'fr' ? 'L’autre côté n’a pas pu être lu : cette publication n’est peut-être plus servie.' : 'The other side could not be read: this release may no longer be served.' })
    })
    return () => { left = true }
  }, [key, scale, view.lang])
  return { then: view.vs && got?.key === key ? got?.then : undefined, list, fault: view.vs && got?.key === key ? got?.fault ?? '' : '' }
}

/** Over the first map: the second one, what each is, and the divider. */
export function CompareMaps(props: Props & { then: Other; list: Past[] }) {
  const { state, then, list } = props
  const fr = state.view.lang === 'fr'
  const [a, b] = names(state, then, list)
  return (
    <>
      <OtherMap key={then.release ?? 'here'} {...props} label={words(state.view.lang).mapLabel(`${say(state.layer?.title, state.view.lang)}, ${a}`)} />
      <p class="side-name side-before">{a}</p><p class="side-name side-after">{b}</p>
      {!state.view.beside && <Divider fr={fr} />}
    </>
  )
}
