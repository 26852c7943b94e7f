/** The drawer of sources: who produced what, under which licence, and what was read, loaded and rejected. */
import { useEffect, useRef } from 'preact/hooks'
import { say, type Source } from '../catalog'
import { date, number } from '../number'
import { words, type Lang } from '../words'
import type { Props } from './App'
import { Swatch } from './Legend'
import { NO_DATA, NOT_PUBLISHED, ZERO } from '../legend'
import { Cost } from './Cost'
import { Icon } from './Logo'

function SourceCard({ source, lang, used }: { source: Source; lang: Lang; used: string[] }) {
  const w = words(lang)
  const rejected = (source.rejected ?? []).reduce((sum, r) => sum + r.count, 0)
  const facts: [string, string][] = [
    [w.producer, source.producer], [w.licence, source.licence], [w.vintage, source.vintage],
    ...(source.class ? [[w.nature, w.privacyClass(source.class)] as [string, string]] : []),
    ...(used.length ? [[w.usedBy, used.join(' ; ')] as [string, string]] : []),
  ]
  return (
    <li class="source-card">
      <h3>{say(source.title, lang) || source.id}{source.absent && <span class="tag">{w.absent}</span>}</h3>
      <dl class="facts">
        {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value || w.unknown}</dd></div>)}
      </dl>
      {!source.absent && (
        <dl class="counts">
          <div><dt>{w.readRows}</dt><dd>{number(source.read, lang)}</dd></div>
          <div><dt>{w.loadedRows}</dt><dd>{number(source.loaded, lang)}</dd></div>
          {!!source.skipped && <div><dt>{w.skippedRows}</dt><dd>{number(source.skipped, lang)}</dd></div>}
          <div class={rejected ? 'some' : ''}><dt>{w.rejectedRows}</dt><dd>{number(rejected, lang)}</dd></div>
        </dl>
      )}
      {rejected > 0 && (
        <ul class="codes">{source.rejected!.map((r) => <li key={r.code}><code>{r.code}</code> {number(r.count, lang)}</li>)}</ul>
      )}
      {source.attribution && <p class="muted">{source.attribution}</p>}
      {source.url && /^https?:/.test(source.url) && <p><a href={source.url} rel="noreferrer external">{w.moreInfo}<span class="unseen"> : {say(source.title, lang)}</span></a></p>}
    </li>
  )
}

export function About({ session, state, close, at }: Props & { close: () => void; at?: string }) {
  const { lang } = state.view
  const w = words(lang)
  const catalog = state.catalog!
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
    if (at) document.getElementById(at)?.scrollIntoView()
  }, [])
  const used = (id: string) => catalog.layers.filter((l) => !l.background && (l.source === id || l.sources?.includes(id)
    || catalog.measures.some((m) => m.source === id && l.measures?.includes(m.id)))).map((l) => say(l.title, lang))
  const states: [number, string][] = [[ZERO, w.zero], [NOT_PUBLISHED, w.notPublishedLegend], [NO_DATA, w.noDataLegend]]
  return (
    <dialog ref={dialog} class="about" aria-labelledby="about-title" onClose={close} onClick={(event) => { if (event.target === dialog.current) dialog.current?.close() }}>
      <div class="about-body">
        <header>
          <h2 id="about-title">{w.about}</h2>
          <button type="button" class="quiet tool" onClick={() => dialog.current?.close()} aria-label={w.close}><Icon name="close" /></button>
        </header>
        {catalog.territory.synthetic && <p class="synthetic-line">{w.syntheticLong}</p>}
        <p>{w.aboutIntro}</p>
        <p>{w.builtAt(date(catalog.built_at, lang, catalog.territory.time_zone))} · {say(catalog.territory.publisher, lang)} · {w.release} <code>{catalog.release}</code></p>
        <section>
          <h3>{w.aboutStates}</h3>
          <ul class="legend-rows">{states.map(([look, text]) => <li key={look}><Swatch look={look} /><span>{text}</span></li>)}</ul>
        </section>
        <ul class="sources">{catalog.sources.map((s) => <SourceCard key={s.id} source={s} lang={lang} used={used(s.id)} />)}</ul>
        <p>{w.aboutPrivacy} <a href={session.api.privacy(lang)}>{w.aboutProtection}</a>.</p>
        <Cost session={session} state={state} />
        <p class="muted">{w.aboutFree} <a href="licences.txt">{w.aboutLicences}</a></p>
      </div>
    </dialog>
  )
}
