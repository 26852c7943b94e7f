/** States in which there is nothing to look at, each with what to do. */
import type { ComponentChildren } from 'preact'
import { subjects } from '../catalog'
import type { Problem } from '../api'
import { words, type Lang } from '../words'
import type { Props } from './App'
import { Icon } from './Logo'

function Message({ title, children, alert }: { title: string; children: ComponentChildren; alert?: boolean }) {
  return (
    <div class="message" role={alert ? 'alert' : undefined}>
      <svg class="message-art" viewBox="0 0 120 70" aria-hidden="true" focusable="false">
        <path d="M14 34 34 14l26 10 4 24-20 14-26-8z" fill="#0f5f66" fill-opacity=".16" />
        <path d="M48 40 66 20l28 8 6 24-22 14-26-10z" fill="#d2694a" fill-opacity=".2" stroke="#d2694a" stroke-dasharray="3 5" stroke-width="1.5" />
      </svg>
      <h1>{title}</h1>
      {children}
    </div>
  )
}

/** The problem in words, with the server's own explanation and hint when it gave one. */
export function Explained({ problem, lang }: { problem: Problem; lang: Lang }) {
  const w = words(lang)
  if (problem.unreachable) return <p>{w.offlineText}</p>
  return (
    <>
      {problem.status === 404 && <p>{w.goneFrame}</p>}
      <p class="said" lang="en">{problem.title}{problem.hint ? ` – ${problem.hint}` : ''}</p>
    </>
  )
}

export function Fatal({ session, state }: Props) {
  const { lang } = state.view
  const w = words(lang)
  const problem = state.fatal!
  return (
    <Message title={problem.unreachable ? w.offlineTitle : w.errorTitle} alert>
      <Explained problem={problem} lang={lang} />
      <button type="button" class="primary" onClick={() => void session.retry()}>{w.retry}</button>
    </Message>
  )
}

/** No subject at all, or not the one asked for. */
export function NoSubject({ session, state }: Props) {
  const w = words(state.view.lang)
  const first = subjects(state.catalog!)[0]
  if (!first) return <Message title={w.emptyTitle}><p>{w.emptyText}</p></Message>
  return (
    <Message title={w.goneTitle} alert>
      <p>{w.goneText(state.view.subject ?? '')}</p>
      <button type="button" class="primary" onClick={() => session.subject(first.id)}>{first.title[state.view.lang] || first.title.fr}</button>
    </Message>
  )
}

/** The figures of the subject could not be had; the rest of the page still works. */
export function Trouble({ session, state }: Props) {
  const { lang } = state.view
  const w = words(lang)
  const problem = state.problem!
  return (
    <div class="trouble" role="alert">
      <strong>{problem.unreachable ? w.offlineTitle : w.errorTitle}</strong>
      <Explained problem={problem} lang={lang} />
      <p class="actions">
        <button type="button" class="primary" onClick={() => void session.retry()}>{w.retry}</button>
        {problem.status === 404 && <button type="button" onClick={() => location.reload()}>{w.reload}</button>}
      </p>
    </div>
  )
}

export function Newer({ session, state }: Props) {
  const w = words(state.view.lang)
  return (
    <div class="newer" role="status">
      <p>{w.newRelease}</p>
      <button type="button" onClick={() => location.reload()}>{w.seeNewRelease}</button>
      <button type="button" class="quiet" aria-label={w.later} title={w.later} onClick={() => session.set({ newer: undefined })}><Icon name="close" /></button>
    </div>
  )
}
