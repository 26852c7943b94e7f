/** The page: header, subjects, stage (map or table), panel, footer. Narrow screens put subjects and figures in a sheet. */
import { useEffect, useState } from 'preact/hooks'
import { ASKS } from '../ask'
import { say } from '../catalog'
import type { Session, State } from '../session'
import { words } from '../words'
import { Footer } from './Footer'
import { Header } from './Header'
import { Fatal, Newer } from './Notice'
import { Panel } from './Panel'
import { Sheet } from './Sheet'
import { canOwn, Stage } from './Stage'
import { Subjects } from './Subjects'
import { useLazy, useMedia } from './hooks'

export interface Props { session: Session; state: State }

const NARROW = '(max-width: 52rem)'

export function App({ session }: { session: Session }) {
  const [state, setState] = useState(session.state)
  const [about, setAbout] = useState<boolean | 'cost'>(false)
  useEffect(() => {
    setState(session.state)
    return session.subscribe(() => setState(session.state))
  }, [session])
  const narrow = useMedia(NARROW)
  const { lang } = state.view
  const w = words(lang)
  useEffect(() => {
    document.documentElement.lang = lang
    const names = [say(ASKS.find((a) => a.n === state.view.question)?.title, lang), say(state.layer?.title, lang), say(state.catalog?.territory.title, lang), w.product]
    document.title = names.filter(Boolean).join(' · ')
  }, [lang, state.layer, state.catalog, state.view.question])
  const props = { session, state }
  const Privacy = useLazy(() => import('./Privacy').then((m) => m.Privacy), state.card !== undefined)
  const About = useLazy(() => import('./About').then((m) => m.About), about !== false)
  const asking = state.view.question !== undefined
  const Ask = useLazy(() => import('./ask/Ask').then((m) => m.Ask), asking)
  const Why = useLazy(() => import('./ask/Why').then((m) => m.Why), !!state.why)
  const tour = state.catalog?.tours.find((t) => t.id === state.view.tour)
  const Tour = useLazy(() => import('./Tour').then((m) => m.Tour), !!tour)
  const own = !asking && !state.fatal && state.view.area !== undefined && canOwn(state)
  const Own = useLazy(() => import('./area/Area'), own)
  const selected = !asking && !own && state.view.zone !== undefined && !state.fatal && !!state.layer
  return (
    <div class={`page${narrow ? ' narrow' : ''}${(selected || own) && !narrow ? ' with-panel' : ''}${tour && !state.fatal ? ' touring' : ''}`}>
      <button type="button" class="skip" onClick={() => document.getElementById('stage')?.focus()}>{w.skip}</button>
      <Header {...props} about={() => setAbout(true)} />
      {state.newer && <Newer {...props} />}
      {state.fatal ? <main id="stage" tabIndex={-1} class="stage alone"><Fatal {...props} /></main> : (
        <>
          {tour ? Tour && <Tour key={tour.id} {...props} entry={tour} /> : !narrow && <Subjects {...props} />}
          {!asking ? <Stage {...props} narrow={narrow} /> : Ask && state.catalog ? <Ask {...props} /> : <main id="stage" tabIndex={-1} class="stage" aria-busy="true"><p class="loading">{w.loading}</p></main>}
          {!narrow && selected && <Panel {...props} />}
          {!narrow && own && (Own ? <Own.AreaPanel {...props} /> : <aside class="panel" aria-hidden="true"><div class="bone bone-figure" /></aside>)}
          {narrow && !asking && <Sheet {...props} own={own ? Own?.AreaBody : undefined} />}
        </>
      )}
      <Footer {...props} about={(at) => setAbout(at ?? true)} />
      {about && About && state.catalog && <About {...props} at={about === 'cost' ? 'cost' : undefined} close={() => setAbout(false)} />}
      {state.card && Privacy && <Privacy key={state.card} {...props} source={state.card} close={() => session.set({ card: undefined })} />}
      {state.why && Why && <Why {...props} close={() => session.set({ why: undefined })} />}
      <p class="unseen" role="status">{state.announcement}</p>
    </div>
  )
}
