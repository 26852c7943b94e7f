/** Why this number: from a figure to its source, quality, protection, formula and licence. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { citation, rejectedShare, trustSentence } from '../../answer/trust'
import { about, estimate } from '../../answer/estimate'
import { counted, isFlow, say, type Measure } from '../../catalog'
import { figure, type Frame } from '../../frame'
import { number } from '../../number'
import { meaningWords, slotBrief, whenWords } from '../../slot'
import { words, type Lang } from '../../words'
import type { Props } from '../App'
import { Icon } from '../Logo'
import { PrivacyButton } from '../Stage'
import { label, TEXT, useBias } from './parts'

/** How the figure was made, as far as the release says it. */
export function formula(measure: Measure, system: string, slot: string, protectedUnits: string, lang: Lang): string[] {
  const fr = lang === 'fr'
  const k = measure.systems.findIndex((s) => s.zones === system)
  const account = measure.systems[k]?.account
  const out: string[] = []
  if (protectedUnits) out.push(fr ? `Compté dans le portail : ${protectedUnits}, puis brouillé au hasard et publié au-dessus d’un seuil.` : `Counted in the gate: ${protectedUnits}, then blurred at random and published above a threshold.`)
  else if (k > 0) out.push(fr ? 'Somme des zones plus fines qui sont publiées ; partielle là où l’une ne l’est pas.' : 'Sum of the finer zones that are published; partial where one is not.')
  else out.push(fr ? 'Calculé sur les lignes de la source qui tombent dans la zone.' : 'Computed on the rows of the source that fall in the zone.')
  if (!protectedUnits && meaningWords(slot, lang)) out.push(fr ? 'Moyenne des jours mesurés ; l’intervalle est celui de cette moyenne (± 1,96 écart-type / √jours).' : 'Mean of the days measured; the interval is that of this mean (± 1.96 standard deviation / √days).')
  if (account && account.rows > 0) {
    out.push(fr ? `${number(account.rows, lang)} lignes placées, dont ${number(account.outside, lang)} hors des zones et ${number(account.untimed, lang)} sans date.` : `${number(account.rows, lang)} rows placed, of which ${number(account.outside, lang)} outside the zones and ${number(account.untimed, lang)} without time.`)
  }
  return out
}

/** The whole of what is known of one figure. */
export function WhyBody(props: Props & { measure: Measure; zone: number; slot: string; frame: Frame }) {
  const { session, state, measure, zone, slot, frame } = props
  const { lang } = state.view
  const fr = lang === 'fr'
  const w = words(lang)
  const { catalog, zones, places } = state
  const [copied, setCopied] = useState(false)
  const source = catalog!.sources.find((s) => s.id === measure.source)
  const f = figure(frame, zone)
  const counts = counted(catalog, measure)
  const bias = useBias(props, measure)
  const name = label(zones!, zone, lang, places)
  const unit = say(measure.unit, lang)
  const e = estimate(f)
  const rejected = source && rejectedShare(source)
  const facts: [string, string][] = [
    [w.source, say(source?.title, lang)], [w.producer, source?.producer ?? ''], [w.licence, source?.licence ?? ''], [w.vintage, source?.vintage ?? ''],
    [w.nature, source?.class ? w.privacyClass(source.class) : ''], [w.readRows, source && !source.protected ? number(source.read, lang) : ''],
    [w.rejectedRows, rejected === undefined ? '' : `${number(rejected, lang, rejected < 1 ? 2 : 1)}${fr ? '\u00a0%' : '%'}`], [w.release, catalog!.release],
  ]
  const quote = e && citation({ measure: say(measure.title, lang), name, when: slotBrief(slot, lang), value: about(e, unit, lang, measure.decimals), producer: source?.producer ?? '', licence: source?.licence ?? '', vintage: source?.vintage ?? '', territory: say(catalog!.territory.title, lang), release: catalog!.release, synthetic: catalog!.territory.synthetic }, lang)
  return (
    <>
      <p class="why-sentence">{trustSentence(f, { name, when: slotBrief(slot, lang), measure, unit, bias }, lang)}</p>
      <section><h3>{fr ? 'D’où il vient' : 'Where it comes from'}</h3><dl class="facts">{facts.filter(([, v]) => v).map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>
        {source?.url && /^https?:/.test(source.url) && <p><a href={source.url} rel="noreferrer external">{w.moreInfo}</a></p>}</section>
      <section><h3>{fr ? 'Comment il est fait' : 'How it is made'}</h3>
        <ul class="promises">{[say(measure.summary, lang), ...formula(measure, zones!.system, slot, counts ? meaningWords(slot, lang, counts) : '', lang)].filter(Boolean).map((x) => <li key={x}>{x}</li>)}</ul>
        <PrivacyButton session={session} state={{ ...state, shown: measure }} /></section>
      {quote && <section><h3>{fr ? 'À recopier sous le chiffre' : 'To copy under the figure'}</h3><p class="quote">{quote}</p>
        <p><button type="button" onClick={() => void navigator.clipboard?.writeText(quote).then(() => setCopied(true), () => undefined)}>{copied ? (fr ? 'Copié' : 'Copied') : fr ? 'Copier' : 'Copy'}</button></p></section>}
      <section><h3>{fr ? 'Le revérifier' : 'Check it'}</h3>
        <p class="muted">{fr ? 'La publication est signée et ne change plus. Avec le fichier reçu :' : 'The release is signed and no longer changes. With the file received:'} <code>jumeau verify</code>. {fr ? 'Le chiffre seul :' : 'The figure alone:'} <a href={`r/${catalog!.release}/values/${measure.id}?zones=${zones!.system}&slot=${slot}`}>{whenWords(slot, lang)} (JSON)</a></p></section>
    </>
  )
}

export function Why({ session, state, close }: Props & { close: () => void }) {
  const { lang } = state.view
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const { shown, frame, zones, view } = state
  const zone = view.zone === undefined ? undefined : zones?.at(view.zone)
  return (
    <dialog ref={dialog} class="about" aria-labelledby="why-title" onClose={close} onClick={(event) => { if (event.target === dialog.current) dialog.current?.close() }}>
      <div class="about-body">
        <header><h2 id="why-title">{TEXT[lang].why}</h2><button type="button" class="quiet tool" onClick={() => dialog.current?.close()} aria-label={words(lang).close}><Icon name="close" /></button></header>
        {shown && !isFlow(shown) && frame && zone !== undefined && <WhyBody session={session} state={state} measure={shown} zone={zone} slot={state.frameSlot ?? 'all'} frame={frame} />}
      </div>
    </dialog>
  )
}
