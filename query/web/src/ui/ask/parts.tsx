/** The parts that every question page is made of. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { answerers } from '../../ask'
import { counted, say, type Measure } from '../../catalog'
import type { Frame } from '../../frame'
import { biasWords, type Card } from '../../privacy'
import { unbroken } from '../../number'
import type { State } from '../../session'
import { words, type Lang } from '../../words'
import type { Zones } from '../../zone'
import type { Props } from '../App'
import { Legend } from '../Legend'
import { Icon } from '../Logo'
import { MapView } from '../MapView'
import { Controls, PrivacyButton } from '../Stage'

export const TEXT = {
  fr: {
    map: 'La carte', table: 'Le tableau', sure: 'À quel point est-ce sûr ?', next: 'Et ensuite ?', from: 'D’après', place: 'Lieu', choosePlace: 'Choisir un lieu', example: 'par exemple',
    compare: 'Comparer à', nothing: '–', print: 'Imprimer', link: 'Copier le lien', linked: 'Lien copié', all: 'Toutes les questions et cartes', why: 'Pourquoi ce chiffre ?', empty: 'Ce territoire n’a pas encore de quoi répondre', answer: 'La réponse', waiting: 'On cherche la réponse…',
    printed: (at: string) => `Imprimé le ${at}`, seeMap: 'Explorer ce sujet sur la carte',
  },
  en: {
    map: 'The map', table: 'The table', sure: 'How sure are we?', next: 'What next?', from: 'From', place: 'Place', choosePlace: 'Choose a place', example: 'for example',
    compare: 'Compare with', nothing: '–', print: 'Print', link: 'Copy the link', linked: 'Link copied', all: 'All questions and maps', why: 'Why this number?', empty: 'This territory cannot answer yet', answer: 'The answer', waiting: 'Looking for the answer…',
    printed: (at: string) => `Printed on ${at}`, seeMap: 'Explore this subject on the map',
  },
}

/** What was asked for, or undefined while it is on its way; failures are left to the page's own message. */
export function useAsked<T>(props: Props, key: string | undefined, get: () => Promise<T>): T | undefined {
  const [got, setGot] = useState<{ key: string; value: T }>()
  useEffect(() => {
    let left = false
    if (key !== undefined) {
      props.session.wanted(key, get).then((value) => { if (!left) setGot({ key, value }) }, (error) => { if (!left) props.session.failed(error) })
    }
    return () => { left = true }
  }, [key])
  return got?.key === key ? got?.value : undefined
}

/** What bounding takes away from a protected measure, in words; "" where nothing is known of it. */
export function useBias(props: Props, measure: Measure | undefined): string {
  const source = counted(props.state.catalog, measure) && measure!.source
  const card = useAsked<Card | undefined>(props, source ? `card/${source}` : undefined, () => props.session.card(source!).catch(() => undefined))
  return biasWords(card, measure?.table, props.state.view.lang)
}

export const Answer = ({ text, lang, children }: { text: string | undefined; lang: Lang; children?: ComponentChildren }) => (
  <section class="answer" aria-label={TEXT[lang].answer}>
    <p role="status">{text === undefined ? TEXT[lang].waiting : unbroken(text, lang)}</p>
    {children}
  </section>
)

export const Part = ({ title, children, class: name }: { title: string; children: ComponentChildren; class?: string }) => (
  <section class={`part ${name ?? ''}`}><h2>{title}</h2>{children}</section>
)

/** The map of a state, which a page may have changed from the visit's own: other figures, other classes. */
export function MapPart({ session, state, children }: Props & { children?: ComponentChildren }) {
  const { lang } = state.view
  return (
    <Part title={TEXT[lang].map} class="part-map">
      {state.webgl ? <div class="stage-body ask-map"><MapView session={session} state={state} /></div> : <p class="no-webgl" role="status">{words(lang).noWebGL}</p>}
      {children}
      <Legend session={session} state={state} />
    </Part>
  )
}

/** Where the answer is taken from, when several subjects can give it. */
export function SourcePick({ session, state }: Props) {
  const { lang, question } = state.view
  const list = answerers(state.catalog!, question!)
  if (list.length < 2) return null
  return (
    <label class="show">{TEXT[lang].from}{' '}
      <select value={state.layer?.id} onChange={(event) => session.ask(question!, event.currentTarget.value)}>
        {list.map((l) => <option key={l.id} value={l.id} selected={l.id === state.layer?.id}>{say(l.title, lang)}</option>)}
      </select>
    </label>
  )
}

/** The chosen zone, or the one with the highest figure as an example. */
export function zoneOf(state: State, frame: Frame | undefined = state.frame): number | undefined {
  const chosen = state.view.zone === undefined ? undefined : state.zones?.at(state.view.zone)
  if (chosen !== undefined || !frame) return chosen
  let best: number | undefined
  frame.value.forEach((v, i) => { if (v !== null && (best === undefined || v > frame.value[best]!)) best = i })
  return best
}

const LISTED = 300

/** Chooses the place: a list where there are few, the header's search and the map where there are many. */
export function ZonePick({ session, state, zone }: Props & { zone: number | undefined }) {
  const { lang } = state.view
  const { zones, places } = state
  const t = TEXT[lang]
  if (!zones) return null
  if (zones.count > LISTED) return zone === undefined ? null : <p class="chosen">{t.place}{lang === 'fr' ? ' : ' : ': '}<strong>{zones.name(zone, lang, places)}</strong></p>
  const order = Array.from({ length: zones.count }, (_, i) => ({ i, name: label(zones, i, lang, places) })).sort((a, b) => a.name.localeCompare(b.name, 'fr', { numeric: true }))
  return (
    <label class="show">{t.place}{' '}
      <select value={zone === undefined ? '' : zones.id(zone)} onChange={(event) => session.select(zones.at(event.currentTarget.value))}>
        {zone === undefined && <option value="">{t.choosePlace}</option>}
        {order.map(({ i, name }) => <option key={i} value={zones.id(i)} selected={i === zone}>{name}</option>)}
      </select>
      {state.view.zone === undefined && zone !== undefined && <span class="muted">{t.example}</span>}
    </label>
  )
}

/** A second place to compare with; where there are few. */
export function ComparePick({ session, state, zone, other }: Props & { zone: number | undefined; other: number | undefined }) {
  const { lang } = state.view
  const { zones, places } = state
  if (!zones || zones.count > LISTED || zones.count < 2) return null
  const order = Array.from({ length: zones.count }, (_, i) => ({ i, name: label(zones, i, lang, places) })).filter((z) => z.i !== zone).sort((a, b) => a.name.localeCompare(b.name, 'fr', { numeric: true }))
  return (
    <label class="show">{TEXT[lang].compare}{' '}
      <select value={other === undefined ? '' : zones.id(other)} onChange={(event) => session.go({ with: event.currentTarget.value || undefined })}>
        <option value="">{TEXT[lang].nothing}</option>
        {order.map(({ i, name }) => <option key={i} value={zones.id(i)} selected={i === other}>{name}</option>)}
      </select>
    </label>
  )
}

/** Hides the answer until the visitor has guessed it. */
export function GuessButton({ session, state }: Props) {
  return <button type="button" class="guess-button" onClick={() => session.go({ guess: true })}>{state.view.lang === 'fr' ? 'Deviner avant de voir' : 'Guess before you see'}</button>
}

/** A name, with the commune after it where names repeat. */
export function label(zones: Zones, i: number, lang: Lang, places?: Zones): string {
  const name = zones.name(i, lang, places)
  const parent = places && zones.system !== places.system ? zones.parent(i, places.system) : undefined
  return parent === undefined || name.includes(places!.name(parent, lang)) ? name : `${name} (${places!.name(parent, lang)})`
}

/** Sentences on how sure the answer is; the way to the privacy card; why this number. */
export function Sure({ session, state, lines, children, zone }: Props & { lines: (string | false | undefined)[]; children?: ComponentChildren; zone?: number }) {
  const t = TEXT[state.view.lang]
  const explain = () => {
    if (zone !== undefined && state.view.zone === undefined) session.select(zone)
    session.set({ why: true })
  }
  return (
    <Part title={t.sure}>
      <ul class="promises">{lines.filter((l): l is string => !!l).map((l) => <li key={l}>{unbroken(l, state.view.lang)}</li>)}</ul>
      {children}
      <p class="actions">
        {zone !== undefined && <button type="button" onClick={explain}><Icon name="info" /> {t.why}</button>}
        <PrivacyButton session={session} state={state} />
      </p>
    </Part>
  )
}

/** Ways on from the answer, as buttons. */
export function Next({ session, state, ways, children }: Props & { ways: { text: string; go: () => void }[]; children?: ComponentChildren }) {
  const t = TEXT[state.view.lang]
  return (
    <Part title={t.next}>
      {children}
      <ul class="ways">
        {ways.map((x) => <li key={x.text}><button type="button" onClick={x.go}>{x.text}</button></li>)}
        {state.layer && <li><button type="button" onClick={() => session.subject(state.layer!.id)}><Icon name="map" /> {t.seeMap}</button></li>}
      </ul>
    </Part>
  )
}

export { Controls }
