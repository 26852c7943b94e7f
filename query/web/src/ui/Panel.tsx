/** The sheet of one zone or feature: its figures in words, its week, its properties. */
import { useEffect, useRef } from 'preact/hooks'
import { counted, isFlow, say, type Flow, type Measure } from '../catalog'
import { flagName, flagSentence } from '../flag'
import { partners } from '../flow'
import { figure, rank, type Frame } from '../frame'
import { area, capital, interval, number, withUnit } from '../number'
import { slotWords } from '../slot'
import { words } from '../words'
import type { Props } from './App'
import { useLazy } from './hooks'
import { Icon } from './Logo'
import { PrivacyButton } from './Stage'
import { propertyText } from './TableView'


function Figures({ state, i, frame, shown }: Props & { i: number; frame: Frame; shown: Measure }) {
  const { lang } = state.view
  const w = words(lang)
  const f = figure(frame, i)
  const counts = counted(state.catalog, shown)
  const place = rank(frame, i)
  const range = interval(f.lo, f.hi, lang, shown.decimals)
  return (
    <div class="figure">
      <p class="figure-title">{say(shown.title, lang)}</p>
      {f.value !== null && <p class="figure-value">{number(f.value, lang, shown.decimals)} <span>{say(shown.unit, lang)}</span></p>}
      {range && <p title={w.intervalMeaning}>{capital(range)}.</p>}
      {f.flag !== 0 && <p class={`flag flag-${f.flag}`}>{flagSentence(f.flag, lang, { counted: counts, class: shown.class })}</p>}
      {place && place.of > 1 && <p class="muted">{place.best === place.worst ? w.rank(number(place.best, lang), number(place.of, lang)) : w.ranks(number(place.best, lang), number(place.worst, lang), number(place.of, lang))}</p>}
      {(shown.slots.length > 1 || counts) && <p class="muted">{slotWords(state.frameSlot ?? 'all', lang, counts)}</p>}
    </div>
  )
}

function FlowFigures(props: Props & { i: number; shown: Flow }) {
  const { state, i, shown } = props
  const { lang } = state.view
  const w = words(lang)
  const dir = state.view.dir ?? 'to'
  if (!state.rows || !state.zones) return <div class="bone bone-figure" />
  const found = partners(state.rows, i, dir)
  const name = state.zones.name(i, lang)
  const unit = say(shown.unit, lang)
  return (
    <>
      <div class="figure">
        <p class="figure-title">{dir === 'to' ? w.flowsTo(name) : w.flowsFrom(name)}</p>
        <p class="figure-value">{number(found.total, lang, shown.decimals)} <span>{unit}</span></p>
        <p>{w.flowTotal(dir === 'to')}{found.inside !== null && ` ${w.inside(withUnit(found.inside, unit, lang, shown.decimals))}`}
          {found.outside !== null && ` ${w.outside(withUnit(found.outside, unit, lang, shown.decimals), dir === 'to')}`}</p>
      </div>
      {state.view.as === 'map' && found.all.length > 0 && <FlowBars {...props} />}
    </>
  )
}

/** The drawn journeys as bars, then the rest: the same as the lines of the map. */
function FlowBars({ session, state, i, shown }: Props & { i: number; shown: Flow }) {
  const { lang } = state.view
  const w = words(lang)
  const found = partners(state.rows!, i, state.view.dir ?? 'to')
  const most = Math.max(1, ...found.top.map((p) => p.value ?? 0))
  const width = (v: number) => (el: HTMLElement | null) => el?.style.setProperty('--part', String(Math.min(1, v / most)))
  return (
    <ol class="bars">
      {found.top.map((p) => (
        <li key={p.zone}>
          <button type="button" class="bar-name" onClick={() => session.select(p.zone)}>{state.zones!.name(p.zone, lang)}</button>
          <span class="bar" ref={width(p.value ?? 0)} aria-hidden="true" />
          <span class="num">{p.value === null ? '–' : number(p.value, lang, shown.decimals)}</span>
        </li>
      ))}
      {found.rest.zones > 0 && (
        <li class="rest"><span class="bar-name">{w.rest(found.rest.zones)}</span><span class="bar" ref={width(found.rest.value)} aria-hidden="true" /><span class="num">{number(found.rest.value, lang, shown.decimals)}</span></li>
      )}
    </ol>
  )
}

function Curve(props: Props & { name: string }) {
  const { state } = props
  const module = useLazy(() => import('./Profile'), !!state.profile)
  const several = state.shown && state.shown.slots.length > 1
  if (!several) return null
  if (!state.profile || !module) return <div class="bone bone-chart" aria-hidden="true" />
  return <module.Profile {...props} />
}

function ZoneBody(props: Props & { i: number }) {
  const { session, state, i } = props
  const { shown, frame, layer, zones, others, view } = state
  const { lang } = view
  const w = words(lang)
  const name = zones!.name(i, lang, state.places)
  const size = zones!.raw.area_m2[i] ?? 0
  const properties = (layer!.properties ?? []).filter((p) => p.name !== 'id' && p.name !== 'name')
  return (
    <>
      {shown && !isFlow(shown) && (frame ? <Figures {...props} shown={shown} frame={frame} /> : <div class="bone bone-figure" aria-hidden="true" />)}
      {shown && isFlow(shown) && <FlowFigures {...props} shown={shown} />}
      {shown && !isFlow(shown) && frame && <button type="button" class="link privacy-link" onClick={() => session.set({ why: true })}><Icon name="info" />{w.why}</button>}
      <PrivacyButton {...props} />
      <Curve {...props} name={name} />
      {others.length > 0 && (
        <section><h3>{w.otherFigures}</h3>
          <dl class="facts">
            {others.map(({ measure, frame: other }) => {
              const f = figure(other, i)
              return <div key={measure.id}><dt>{say(measure.title, lang)}</dt><dd>{f.value === null ? capital(flagName(f.flag, lang)) : withUnit(f.value, say(measure.unit, lang), lang, measure.decimals)}{f.value !== null && <small>{interval(f.lo, f.hi, lang, measure.decimals)}</small>}</dd></div>
            })}
          </dl>
        </section>
      )}
      <section><h3>{w.properties}</h3>
        <dl class="facts">
          {properties.map((p) => {
            const text = propertyText(state.feature?.properties[p.name], p, lang, layer)
            return text && <div key={p.name}><dt>{say(p.title, lang) || p.name}</dt><dd>{text}</dd></div>
          })}
          {size > 0 && <div><dt>{w.area}</dt><dd>{area(size, lang)}</dd></div>}
          <div><dt>{w.identifier}</dt><dd><code>{zones!.id(i)}</code></dd></div>
        </dl>
      </section>
    </>
  )
}

function FeatureBody({ state }: Props) {
  const { feature, layer, view } = state
  const { lang } = view
  const w = words(lang)
  if (!feature) return <div class="bone bone-figure" aria-hidden="true" />
  const known = (layer!.properties ?? []).filter((p) => p.name !== 'id')
  return (
    <section><h3>{w.properties}</h3>
      <dl class="facts">
        {known.map((p) => <div key={p.name}><dt>{say(p.title, lang) || p.name}</dt><dd>{propertyText(feature.properties[p.name], p, lang, layer) || w.noData}</dd></div>)}
        <div><dt>{w.identifier}</dt><dd><code>{feature.id}</code></dd></div>
      </dl>
    </section>
  )
}

/** Name of what is selected, as the panel's heading. */
export function selectedName({ state }: Pick<Props, 'state'>): string {
  const { zones, places, layer, feature, view } = state
  const i = view.zone === undefined ? undefined : zones?.at(view.zone)
  if (i !== undefined) return zones!.name(i, view.lang, places)
  const named = layer?.style?.label ?? layer?.properties?.find((p) => p.type === 'text')?.name
  return String((named && feature?.properties[named]) || view.zone || '')
}

export function PanelBody(props: Props) {
  const { state } = props
  const { zones, view, layer } = state
  const i = view.zone === undefined ? undefined : zones?.at(view.zone)
  if (layer?.zones && i === undefined) return zones ? <p class="muted">{words(view.lang).choose}</p> : <div class="bone bone-figure" aria-hidden="true" />
  return i !== undefined ? <ZoneBody {...props} i={i} /> : <FeatureBody {...props} />
}

export function Panel(props: Props) {
  const { session, state } = props
  const { zones, places, view } = state
  const w = words(view.lang)
  const panel = useRef<HTMLElement>(null)
  const close = () => {
    session.select(undefined)
    document.getElementById('stage')?.focus({ preventScroll: true })
  }
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]')) close()
    }
    document.addEventListener('keydown', escape)
    return () => document.removeEventListener('keydown', escape)
  }, [])
  const i = view.zone === undefined ? undefined : zones?.at(view.zone)
  const parent = i !== undefined && places && zones!.system !== places.system ? zones!.parent(i, places.system) : undefined
  const named = i !== undefined && !!zones!.raw.names[i]
  return (
    <aside ref={panel} class="panel" aria-label={w.place}>
      <header>
        <div><h2>{selectedName(props)}</h2>{parent !== undefined && named && <p class="muted">{places!.name(parent, view.lang)}</p>}</div>
        <button type="button" class="quiet tool" aria-label={w.closePanel} onClick={close}><Icon name="close" /></button>
      </header>
      <PanelBody {...props} />
    </aside>
  )
}

