/** A guided tour beside the map: one step at a time, with a way back, a way on and a way out. Loaded when first started. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { say, type TourEntry } from '../catalog'
import { unbroken } from '../number'
import { safeLink, withLang, type Tour as Steps, type TourBlock, type TourSpan } from '../tour'
import { words, type Lang } from '../words'
import type { Props } from './App'
import { Icon } from './Logo'
import './tour.css'

const TEXT = {
  fr: {
    tour: 'Visite guidée', leave: 'Quitter la visite', back: 'Étape précédente', next: 'Suivant', end: 'Terminer', steps: 'Étapes',
    at: (n: number, of: number) => `Étape ${n} sur ${of}`, step: (n: number, title: string) => `Étape ${n} : ${title}`,
    lost: 'Cette visite n’a pas pu être chargée.',
  },
  en: {
    tour: 'Guided tour', leave: 'Leave the tour', back: 'Previous step', next: 'Next', end: 'Finish', steps: 'Steps',
    at: (n: number, of: number) => `Step ${n} of ${of}`, step: (n: number, title: string) => `Step ${n}: ${title}`,
    lost: 'This tour could not be loaded.',
  },
}

function Span({ span: { text, ...rest }, lang }: { span: TourSpan; lang: Lang }) {
  const span = { ...rest, text: unbroken(text, lang) }
  if (span.href && safeLink(span.href)) return <a href={withLang(span.href, lang)} {...(span.href.startsWith('#') ? {} : { rel: 'noreferrer external' })}>{span.text}</a>
  return span.strong ? <strong>{span.text}</strong> : span.em ? <em>{span.text}</em> : <>{span.text}</>
}

function Block({ block, lang }: { block: TourBlock; lang: Lang }) {
  const lines = block.lines.map((line) => line.map((span, k) => <Span key={k} span={span} lang={lang} />))
  return block.list ? <ul>{lines.map((line, k) => <li key={k}>{line}</li>)}</ul> : <p>{lines[0]}</p>
}

export function Tour({ session, state, entry }: Props & { entry: TourEntry }) {
  const { lang } = state.view
  const t = TEXT[lang]
  const [tour, setTour] = useState<Steps>()
  const [failed, setFailed] = useState(false)
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    session.tour(entry.id).then((found) => {
      setTour(found)
      if (session.state.view.step === undefined) session.tourStep(found, 0)
    }, () => setFailed(true))
    box.current?.focus({ preventScroll: true })
  }, [])
  const last = entry.steps - 1
  const at = Math.min(last, state.view.step ?? 0)
  useEffect(() => { box.current?.querySelector('.tour-text')?.scrollTo(0, 0) }, [at])
  const leave = () => {
    session.go({ tour: undefined, step: undefined }, 'push', true)
    document.getElementById('stage')?.focus({ preventScroll: true })
  }
  const go = (n: number) => { if (tour) session.tourStep(tour, n) }
  const step = tour?.steps[at]
  const text = step?.[lang]
  return (
    <aside ref={box} class="tour" aria-label={`${t.tour} : ${say(entry.title, lang)}`} tabIndex={-1}>
      <header>
        <p class="tour-name">{t.tour}</p>
        <button type="button" class="quiet tool" aria-label={t.leave} title={t.leave} onClick={leave}><Icon name="close" /></button>
        <h2>{say(entry.title, lang)}</h2>
      </header>
      <ol class="tour-steps" aria-label={t.steps}>
        {Array.from({ length: entry.steps }, (_, k) => (
          <li key={k}><button type="button" class={k <= at ? 'done' : ''} aria-current={k === at ? 'step' : undefined} aria-label={tour ? t.step(k + 1, tour.steps[k]![lang].title) : t.at(k + 1, entry.steps)} onClick={() => go(k)}><span>{k + 1}</span></button></li>
        ))}
      </ol>
      <div class="tour-text" tabIndex={0} role="region" aria-label={t.at(at + 1, entry.steps)}>
        {failed ? <p role="alert">{t.lost}</p> : !text ? <p>{words(lang).loading}</p> : (
          <>
            <h3>{text.title}</h3>
            {text.blocks.map((block, k) => <Block key={k} block={block} lang={lang} />)}
          </>
        )}
      </div>
      <p class="unseen" role="status">{text ? `${t.at(at + 1, entry.steps)}. ${text.title}` : ''}</p>
      <footer>
        <button type="button" disabled={at === 0} onClick={() => go(at - 1)}><Icon name="back" /><span class="unseen">{t.back}</span></button>
        <span class="muted">{t.at(at + 1, entry.steps)}</span>
        {at < last ? <button type="button" class="primary" onClick={() => go(at + 1)}>{t.next} <Icon name="next" /></button> : <button type="button" class="primary" onClick={leave}>{t.end}</button>}
      </footer>
    </aside>
  )
}
