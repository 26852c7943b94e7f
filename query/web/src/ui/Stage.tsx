/** What is looked at: the question, the map or the table, the legend, the moment, and always the source. */
import { own } from '../area/draw'
import { isFlow, offers, placeLayer, say } from '../catalog'
import { words } from '../words'
import type { Props } from './App'
import { useLazy } from './hooks'
import { FoldingLegend } from './Legend'
import { Icon } from './Logo'
import { MapView } from './MapView'
import { NoSubject, Trouble } from './Notice'
import { TableView } from './TableView'
import { Take } from './Take'
import { TimeBar } from './TimeBar'

/** Whether what is shown is about people and has a card that says how they are protected. */
export const aboutPeople = ({ shown }: Props['state']): boolean => !!shown && ['C', 'D', 'E', 'F', 'G'].includes(shown.class ?? '')

/** Opens the privacy card of what is shown. */
export function PrivacyButton({ session, state }: Props) {
  if (!aboutPeople(state)) return null
  return <button type="button" class="link privacy-link" onClick={() => session.set({ card: state.shown!.source })}><Icon name="shield" />{words(state.view.lang).privacy}</button>
}

export function SourceLine({ session, state }: Props) {
  const { catalog, layer, shown } = state
  const { lang } = state.view
  const w = words(lang)
  if (!catalog || !layer) return null
  const ids = [...new Set([shown?.source ?? layer.source, ...(shown ? [] : layer.sources ?? [])].filter(Boolean))]
  const list = catalog.sources.filter((s) => ids.includes(s.id))
  return (
    <p class="source-line">
      {list.map((s) => (
        <span key={s.id}>
          <b>{w.source}</b> {say(s.title, lang)}, {s.producer || w.unknown} · <b>{w.licence}</b> {s.licence || w.unknown} · <b>{w.vintage}</b> {s.vintage || w.unknown}
        </span>
      ))}
      {catalog.territory.synthetic && <span class="synthetic">{w.synthetic}</span>}
      <PrivacyButton session={session} state={state} />
    </p>
  )
}

/** Whether the figures shown can be had for an area of the visitor's own. */
export const canOwn = ({ layer, shown }: Props['state']): boolean => !!layer?.zones && layer.geometry !== 'line' && !!shown && !isFlow(shown)

/** Whether the figures shown can be set beside those of another moment or release. */
const canCompare = ({ layer, shown }: Props['state']): boolean => !!layer?.zones && !!shown && !isFlow(shown)

export function Controls({ session, state }: Props) {
  const { catalog, layer, shown, view } = state
  const w = words(view.lang)
  if (!catalog || !layer) return null
  const choice = offers(catalog, layer)
  const place = view.place === undefined ? undefined : state.places?.at(view.place)
  const flow = shown && isFlow(shown)
  return (
    <div class="controls">
      {choice.length > 1 && (
        <label class="show">{w.show}{' '}
          <select value={shown?.id} onChange={(event) => session.go({ show: event.currentTarget.value, slot: undefined })}>
            {choice.map((m) => <option key={m.id} value={m.id} selected={m.id === shown?.id}>{say(m.title, view.lang)}</option>)}
          </select>
        </label>
      )}
      {flow && (
        <div class="segments" role="group" aria-label={w.direction}>
          {(['to', 'from'] as const).map((dir) => (
            <button key={dir} type="button" aria-pressed={(view.dir ?? 'to') === dir} onClick={() => session.go({ dir })}>{dir === 'to' ? w.arrivals : w.departures}</button>
          ))}
        </div>
      )}
      {view.question === undefined && canOwn(state) && (
        <button type="button" class="own-area" aria-pressed={view.area !== undefined} onClick={() => own(session, view.area === undefined ? '' : undefined)}><Icon name="draw" />{view.lang === 'fr' ? 'Ma zone' : 'My own area'}</button>
      )}
      {view.question === undefined && canCompare(state) && (
        <button type="button" class="own-area" aria-pressed={view.vs !== undefined} onClick={() => session.go(view.vs === undefined ? { vs: '' } : { vs: undefined, beside: undefined })}><Icon name="compare" />{view.lang === 'fr' ? 'Comparer' : 'Compare'}</button>
      )}
      {place !== undefined && (
        <span class="chip">{(layer.zones || placeLayer(catalog) ? w.within : w.around)(state.places!.name(place, view.lang))}
          <button type="button" class="quiet" aria-label={w.removePlace(state.places!.name(place, view.lang))} onClick={() => session.go({ place: undefined })}><Icon name="close" /></button>
        </span>
      )}
    </div>
  )
}

/** A part of the page that is fetched when something is compared, with what it needs. */
type Compared = typeof import('./compare/Compare')

function Comparing({ module, as, ...props }: Props & { module: Compared; as: 'bar and map' | 'bar and table' }) {
  const { then, list, fault } = module.useOther(props)
  return (
    <>
      <module.CompareBar {...props} then={then} list={list} fault={fault} />
      {as === 'bar and table' ? then ? <module.CompareTable {...props} then={then} list={list} /> : <TableView {...props} /> : then && <module.CompareMaps {...props} then={then} list={list} />}
    </>
  )
}

export function Stage({ session, state, narrow }: Props & { narrow: boolean }) {
  const { catalog, layer, view } = state
  const w = words(view.lang)
  const props = { session, state }
  const comparing = view.vs !== undefined && canCompare(state)
  const Compare = useLazy(() => import('./compare/Compare'), comparing)
  if (!catalog) {
    return <main id="stage" tabIndex={-1} class="stage" aria-busy="true"><div class="stage-head"><p class="loading">{w.loading}</p></div><div class="bone bone-map" /></main>
  }
  if (!layer) return <main id="stage" tabIndex={-1} class="stage"><NoSubject {...props} /></main>
  return (
    <main id="stage" tabIndex={-1} class="stage" aria-busy={state.busy}>
      <div class="stage-head">
        <div class="stage-title">
          <h1>{say(layer.title, view.lang)}</h1>
          {!narrow && layer.summary && <p>{say(layer.summary, view.lang)}</p>}
        </div>
        <div class="segments view-as" role="group" aria-label={w.viewAs}>
          {(['map', 'table'] as const).map((as) => (
            <button key={as} type="button" aria-pressed={view.as === as} disabled={as === 'map' && !state.webgl} onClick={() => session.go({ as })}>
              <Icon name={as} /><span>{as === 'map' ? w.map : w.table}</span>
            </button>
          ))}
        </div>
        <div class="stage-more">{!narrow && <Controls {...props} />}<Take {...props} /></div>
      </div>
      {!state.webgl && <p class="no-webgl" role="status">{w.noWebGL}</p>}
      <div class={`stage-body${comparing ? ` comparing ${view.beside ? 'beside' : 'swipe'}` : ''}`}>
        {view.as === 'map' && state.webgl ? (
          <>
            <MapView {...props} />
            {comparing && Compare && <Comparing {...props} module={Compare} as="bar and map" />}
            {!narrow && <FoldingLegend key={String(comparing && view.beside)} {...props} folded={comparing && !!view.beside} />}
            {!narrow && <TimeBar {...props} />}
            {state.problem && <Trouble {...props} />}
          </>
        ) : (
          <div class="table-stage">
            {state.problem && <Trouble {...props} />}
            {!narrow && <TimeBar {...props} />}
            {comparing && Compare ? <Comparing {...props} module={Compare} as="bar and table" /> : <TableView {...props} />}
          </div>
        )}
        {state.busy && <p class="busy" aria-hidden="true">{w.loading}</p>}
      </div>
      <SourceLine {...props} />
    </main>
  )
}
