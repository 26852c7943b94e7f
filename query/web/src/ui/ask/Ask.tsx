/** The page of a question: its answer in a sentence, the map, the table, how sure we are, and what next. Loaded when first asked for. */
import { useEffect, useState } from 'preact/hooks'
import { ASKS, meanwhile } from '../../ask'
import { say } from '../../catalog'
import { date } from '../../number'
import { words } from '../../words'
import type { Props } from '../App'
import { Icon } from '../Logo'
import { Trouble } from '../Notice'
import { SourceLine } from '../Stage'
import { Take } from '../Take'
import { AccessPage } from './Access'
import { ChangePage } from './Change'
import { FlowsPage } from './Flows'
import { PassagePage } from './Passage'
import { TEXT } from './parts'
import { TrustPage } from './Trust'

const PAGES: Record<number, (props: Props) => preact.JSX.Element | null> = { 1: PassagePage, 2: FlowsPage, 5: AccessPage, 9: ChangePage, 12: AccessPage, 15: TrustPage }

export function Ask(props: Props) {
  const { session, state } = props
  const { lang, question } = state.view
  const t = TEXT[lang]
  const w = words(lang)
  const [copied, setCopied] = useState('')
  // A place chosen further down changes the answer, which must be seen.
  useEffect(() => { if (state.view.zone) document.querySelector('.answer')?.scrollIntoView({ block: 'nearest' }) }, [state.view.zone])
  const ask = ASKS.find((a) => a.n === question)
  const Page = ask && PAGES[ask.n]
  const copy = () => navigator.clipboard?.writeText(location.href).then(() => setCopied(location.href), () => undefined)
  return (
    <main id="stage" tabIndex={-1} class="stage ask" aria-busy={state.busy}>
      <div class="ask-head">
        <h1>{ask ? say(ask.title, lang) : w.goneTitle}</h1>
        <p class="ask-tools">
          <button type="button" class="quiet ask-all" onClick={() => session.leaveQuestion()}><Icon name="back" /> {t.all}</button>
          <button type="button" class="quiet" onClick={() => void copy()}>{copied === location.href ? t.linked : t.link}</button>
          <button type="button" class="quiet" onClick={() => print()}>{t.print}</button>
          {state.layer && <Take {...props} />}
        </p>
      </div>
      <div class="ask-body">
        {state.problem && <Trouble {...props} />}
        {Page && state.layer ? <Page key={ask.n} {...props} /> : !state.busy && (
          <div class="message"><h2>{ask ? t.empty : w.goneTitle}</h2><p>{ask ? say(ask.lacks, lang) : ''}</p>
            {ask && state.catalog && meanwhile(state.catalog, ask.n).length > 0 && <>
              <p>{lang === 'fr' ? 'En attendant, ce territoire montre :' : 'Meanwhile, this territory shows:'}</p>
              <ul class="ways">{meanwhile(state.catalog, ask.n).map((l) => <li key={l.id}><button type="button" onClick={() => session.subject(l.id)}><Icon name="map" /> {say(l.title, lang)}</button></li>)}</ul>
            </>}
          </div>
        )}
      </div>
      <p class="print-only">{say(state.catalog?.territory.title, lang)} · {w.release} {state.catalog?.release} · {t.printed(date(new Date().toISOString(), lang))} · {location.href}</p>
      {state.layer && <SourceLine {...props} />}
    </main>
  )
}
