/** On narrow screens: a sheet over the foot of the map with the moment, the legend, the subjects and the selected place. */
import { own } from '../area/draw'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { say } from '../catalog'
import { words } from '../words'
import type { Props } from './App'
import { Legend } from './Legend'
import { Icon } from './Logo'
import { PanelBody, selectedName } from './Panel'
import { Controls } from './Stage'
import { SubjectList } from './Subjects'
import { TimeBar } from './TimeBar'

type Tab = 'legend' | 'place' | 'subjects'

export function Sheet(props: Props & { own?: (props: Props) => preact.JSX.Element }) {
  const { session, state } = props
  const { lang } = state.view
  const w = words(lang)
  const [tab, setTab] = useState<Tab>('legend')
  const [tall, setTall] = useState(false)
  const { zone, subject } = state.view
  const slot = useRef<HTMLDivElement>(null)
  // The sheet grows over the map, not at its expense: its slot keeps the height it has when low.
  useLayoutEffect(() => {
    const box = slot.current
    const low = box?.firstElementChild as HTMLElement | null | undefined
    if (!tall && box && low) box.style.height = `${low.offsetHeight}px`
  }, [tall, state.shown, state.layer, !state.catalog])
  useEffect(() => {
    if (zone !== undefined) { setTab('place'); setTall(!state.view.tour) }
  }, [zone])
  const { area } = state.view
  const drawing = !!state.sketch
  useEffect(() => {
    if (drawing) setTall(false)
    else if (area !== undefined) { setTab('place'); setTall(true) }
  }, [area, drawing])
  useEffect(() => {
    const escape = (event: KeyboardEvent) => { if (event.key === 'Escape' && !document.querySelector('dialog[open]')) setTall(false) }
    document.addEventListener('keydown', escape)
    return () => document.removeEventListener('keydown', escape)
  }, [])
  if (!state.catalog) return null
  const names: Record<Tab, string> = { legend: w.legend, place: w.place, subjects: w.subjects }
  const choose = (next: Tab) => { setTall(next !== tab || !tall); setTab(next) }
  return (
    <div class="sheet-slot" ref={slot}>
    <section class={`sheet${tall ? ' tall' : ''}`} aria-label={say(state.layer?.title, lang) || w.subjects}>
      {state.layer && <TimeBar {...props} />}
      <div class="sheet-tabs" role="group" aria-label={w.show}>
        {(['subjects', 'legend', 'place'] as const).map((t) => (
          <button key={t} type="button" aria-expanded={tall && t === tab} aria-controls="sheet-body" onClick={() => choose(t)}>{names[t]}</button>
        ))}
        <button type="button" class="quiet sheet-size" aria-label={tall ? w.sheetLess : w.sheetMore} aria-expanded={tall} aria-controls="sheet-body" onClick={() => setTall(!tall)}><Icon name={tall ? 'down' : 'up'} /></button>
      </div>
      <div class="sheet-body" id="sheet-body" hidden={!tall}>
        {tab === 'legend' && <>{state.layer?.summary && <p>{say(state.layer.summary, lang)}</p>}<Controls {...props} /><Legend {...props} /></>}
        {tab === 'subjects' && <SubjectList key={subject} {...props} chosen={() => { setTab('legend'); setTall(false) }} />}
        {tab === 'place' && (props.own ? (
          <>
            <header class="sheet-head"><h2>{lang === 'fr' ? 'Votre zone' : 'Your area'}</h2>
              <button type="button" class="quiet tool" aria-label={w.closePanel} onClick={() => { own(session, undefined); setTall(false) }}><Icon name="close" /></button>
            </header>
            <props.own session={session} state={state} />
          </>
        ) : zone === undefined ? <p class="muted">{w.choose}</p> : (
          <>
            <header class="sheet-head"><h2>{selectedName(props)}</h2>
              <button type="button" class="quiet tool" aria-label={w.closePanel} onClick={() => { session.select(undefined); setTall(false) }}><Icon name="close" /></button>
            </header>
            <Controls {...props} />
            <PanelBody {...props} />
          </>
        ))}
      </div>
    </section>
    </div>
  )
}
