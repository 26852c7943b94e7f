/** The subjects in plain words: questions first. */
import { ASKS } from '../ask'
import { say, subjects, type Layer } from '../catalog'
import { words } from '../words'
import type { Props } from './App'

export function SubjectList({ session, state, chosen }: Props & { chosen?: () => void }) {
  const { catalog, view } = state
  const w = words(view.lang)
  const all = catalog ? subjects(catalog) : []
  const groups: [string, Layer[]][] = [[w.questions, all.filter((l) => l.question)], [w.otherSubjects, all.filter((l) => !l.question)]]
  return (
    <>
      {all.length > 0 && (
        <section>
          <h2 class="group">{w.yourQuestions}</h2>
          <ul class="asks">
            {ASKS.map((a) => (
              <li key={a.n}>
                <button type="button" class="ask-link" aria-current={a.n === view.question ? 'true' : undefined} onClick={() => { session.ask(a.n); chosen?.() }}>
                  <span class="ask-title">{say(a.title, view.lang)}</span><span class="subject-summary">{say(a.hint, view.lang)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {catalog && <TourList session={session} state={state} chosen={chosen} />}
      {groups.filter(([, list]) => list.length).map(([title, list]) => (
        <section key={title}>
          <h2 class="group">{title}</h2>
          <ul class="subjects">
            {list.map((layer) => (
              <li key={layer.id}>
                <button type="button" class="subject" aria-current={!view.question && layer.id === state.layer?.id ? 'true' : undefined}
                  onClick={() => { session.subject(layer.id); chosen?.() }}>
                  <span class="subject-title">{say(layer.title, view.lang)}</span>
                  <span class="subject-summary">{say(layer.summary, view.lang)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}

/** The guided tours that the authority wrote. */
function TourList({ session, state, chosen }: Props & { chosen?: () => void }) {
  const { catalog, view } = state
  if (!catalog?.tours.length) return null
  const start = (id: string) => {
    chosen?.()
    void session.tour(id).then((tour) => session.tourStep(tour, 0), (error) => session.failed(error))
  }
  return (
    <section>
      <h2 class="group">{words(view.lang).tours}</h2>
      <ul class="asks">
        {catalog.tours.map((t) => (
          <li key={t.id}><button type="button" class="ask-link" onClick={() => start(t.id)}>
            <span class="ask-title">{say(t.title, view.lang)}</span><span class="subject-summary">{say(t.summary, view.lang)}</span>
          </button></li>
        ))}
      </ul>
    </section>
  )
}

export function Subjects({ session, state }: Props) {
  const w = words(state.view.lang)
  return (
    <nav class="side" aria-label={w.subjects}>
      {state.catalog ? <SubjectList session={session} state={state} /> : (
        <div aria-hidden="true">{[1, 2, 3, 4].map((k) => <div key={k} class="bone bone-card" />)}</div>
      )}
    </nav>
  )
}
