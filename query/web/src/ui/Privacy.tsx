/** The privacy card of a source, in words for a citizen. Fetched when first asked for. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Problem } from '../api'
import { say } from '../catalog'
import { date, number, share } from '../number'
import { durationWords, groundWords, guessed, periodOf, promises, shares, type Card } from '../privacy'
import { words, type Lang } from '../words'
import type { Props } from './App'
import { Icon } from './Logo'
import { Explained } from './Notice'

const TEXT = {
  fr: {
    why: 'À quoi servent ces données', ground: 'Base légale', erased: 'Fichiers bruts effacés après', period: 'Période', promises: 'Ce qui vous protège',
    guess: 'Et si quelqu’un essayait de deviner ?',
    guessText: (n: number) => `Quelqu’un qui sait tout des autres et hésite à pile ou face si vous êtes dans les données tombe juste 50 fois sur 100. Après avoir lu tout ce qui est publié ici : au plus ${n} fois sur 100.`,
    before: 'avant', after: 'après, au plus', published: 'Ce qui est publié', of: (a: string, b: string, part: string) => `${a} chiffres sur ${b} possibles (${part})`,
    margin: (m: string) => `à ± ${m} près, 95 fois sur 100`, limits: 'Ce que cela ne promet pas',
    limitsText: 'Ces règles protègent chaque personne, pas un groupe : ce qu’on apprend d’un quartier entier, on l’apprend de ses habitants en général. Elles ont été éprouvées par des tests et des attaques ; personne ne dit ici que ces données sont anonymes au sens de la loi.',
    detail: 'Le détail, pour vérifier', ledger: (seq: number, at: string) => `Inscrit au registre des tirages sous le numéro ${seq}, le ${at} ; empreinte`,
    check: 'Toute personne peut revérifier la publication sans les données brutes :', page: 'La même fiche, en page à part', json: 'La fiche pour un programme (JSON)', loading: 'Chargement…',
  },
  en: {
    why: 'What these data are for', ground: 'Legal basis', erased: 'Raw files erased after', period: 'Period', promises: 'What protects you',
    guess: 'What if somebody tried to guess?',
    guessText: (n: number) => `Somebody who knows all about everybody else and tosses a coin on whether you are in the data is right 50 times in 100. After reading everything published here: at most ${n} times in 100.`,
    before: 'before', after: 'after, at most', published: 'What is published', of: (a: string, b: string, part: string) => `${a} figures of ${b} possible (${part})`,
    margin: (m: string) => `within ± ${m}, 95 times in 100`, limits: 'What this does not promise',
    limitsText: 'These rules protect each person, not a group: what is learnt about a whole neighbourhood is learnt about its residents in general. They were tried by tests and attacks; nobody says here that these data are anonymous in the sense of the law.',
    detail: 'The details, to check', ledger: (seq: number, at: string) => `Entered in the ledger of draws under number ${seq}, on ${at}; digest`,
    check: 'Anybody can re-check the release without the raw data:', page: 'The same card as a page of its own', json: 'The card for a program (JSON)', loading: 'Loading…',
  },
}

/** Chances in 100 as a bar; its text says the same. */
function Chance({ name, n, lang }: { name: string; n: number; lang: Lang }) {
  return <li><span>{name}</span><span class="chance" aria-hidden="true" ref={(el) => el?.style.setProperty('--part', String(n / 100))} /><b>{number(n, lang)}</b></li>
}

function Body({ card, state, page }: { card: Card; state: Props['state']; page: string }) {
  const { lang } = state.view
  const t = TEXT[lang]
  const catalog = state.catalog!
  const guess = guessed(card)
  const list = shares(card, catalog, lang)
  const period = card.gate ? periodOf(card, catalog, lang) : ''
  const facts: [string, string][] = [
    [t.why, say(card.purpose, lang)], [t.period, period], [t.ground, card.legal_basis ? groundWords(card.legal_basis, lang) : ''],
    [t.erased, card.retention ? durationWords(card.retention, lang) : ''],
  ]
  const entry = card.gate?.ledger_entry
  return (
    <>
      <dl class="facts">{facts.filter(([, v]) => v).map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>
      <section><h3>{t.promises}</h3><ul class="promises">{promises(card, lang).map((p) => <li key={p}>{p}</li>)}</ul></section>
      {guess !== undefined && (
        <section><h3>{t.guess}</h3><p>{t.guessText(guess)}</p>
          <ul class="chances"><Chance name={t.before} n={50} lang={lang} /><Chance name={t.after} n={guess} lang={lang} /></ul>
        </section>
      )}
      {list.length > 0 && (
        <section><h3>{t.published}</h3>
          <ul class="shares">
            {list.map((s) => (
              <li key={s.name}><b>{s.name}</b><span>{t.of(number(s.published, lang), number(s.cells, lang), share(s.published, s.cells, lang))}{s.margin !== undefined && `, ${t.margin(number(s.margin, lang))}`}</span>
                <span class="chance" aria-hidden="true" ref={(el) => el?.style.setProperty('--part', String(s.published / s.cells))} /></li>
            ))}
          </ul>
        </section>
      )}
      {card.gate && <section><h3>{t.limits}</h3><p>{t.limitsText}</p></section>}
      <details>
        <summary>{t.detail}</summary>
        <ul class="promises">{card.gate && card.words.map((x) => <li key={x.fr}>{say(x, lang)}</li>)}</ul>
        {entry && <p class="muted">{t.ledger(entry.seq, date(entry.at, lang, catalog.territory.time_zone))} <code>{entry.hash.slice(0, 16)}…</code></p>}
        <p class="muted">{t.check} <code>jumeau verify</code></p>
        <p><a href={page}>{t.page}</a></p>
      </details>
    </>
  )
}

export function Privacy({ session, state, source, close }: Props & { source: string; close: () => void }) {
  const { lang } = state.view
  const w = words(lang)
  const dialog = useRef<HTMLDialogElement>(null)
  const [card, setCard] = useState<Card>()
  const [problem, setProblem] = useState<Problem>()
  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => {
    session.card(source).then(setCard, (error) => setProblem(error instanceof Problem ? error : new Problem(500, String(error))))
  }, [source])
  const title = say(state.catalog?.sources.find((s) => s.id === source)?.title, lang)
  return (
    <dialog ref={dialog} class="about privacy" aria-labelledby="privacy-title" onClose={close} onClick={(event) => { if (event.target === dialog.current) dialog.current?.close() }}>
      <div class="about-body">
        <header>
          <h2 id="privacy-title">{w.privacy}</h2>
          <button type="button" class="quiet tool" onClick={() => dialog.current?.close()} aria-label={w.close}><Icon name="close" /></button>
        </header>
        <p class="privacy-source">{title}</p>
        {card ? <Body card={card} state={state} page={session.api.privacy(lang, source)} /> : problem ? <div role="alert"><Explained problem={problem} lang={lang} /></div> : <p role="status">{TEXT[lang].loading}</p>}
      </div>
    </dialog>
  )
}
