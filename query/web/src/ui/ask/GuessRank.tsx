/** "Guess before you see", with places to put in order: by dragging, or by buttons. Nothing is kept or sent. */
import { useRef, useState } from 'preact/hooks'
import { rankSentence, type Ranked } from '../../answer/guess'
import { about } from '../../answer/estimate'
import type { Props } from '../App'
import { Icon } from '../Logo'
import { GUESS, Reveal } from './guess'
import { Part } from './parts'

export function GuessRank({ session, state, items, question, unit, decimals }: Props & { items: Ranked[]; question: string; unit: string; decimals: number }) {
  const { lang } = state.view
  const t = GUESS[lang]
  const [order, setOrder] = useState(() => [...items].sort((a, b) => a.name.localeCompare(b.name, 'fr')))
  const [shown, setShown] = useState(false)
  const [said, setSaid] = useState('')
  const [held, setHeld] = useState<string>()
  const box = useRef<HTMLOListElement>(null)
  const move = (from: number, to: number) => {
    if (to < 0 || to >= order.length || from === to) return
    const next = [...order]
    next.splice(to, 0, ...next.splice(from, 1))
    setOrder(next)
    setSaid(t.moved(order[from]!.name, to + 1))
  }
  const drag = (event: PointerEvent) => {
    if (held === undefined) return
    const rows = [...box.current!.children].map((el) => el.getBoundingClientRect())
    const to = rows.findIndex((r) => event.clientY < r.top + r.height)
    move(order.findIndex((x) => x.name === held), to < 0 ? order.length - 1 : to)
  }
  return (
    <Part title={question} class="guess">
      <p>{t.rankHow}</p>
      <ol class="guess-rank" ref={box} onPointerMove={drag} onPointerUp={() => setHeld(undefined)} onPointerCancel={() => setHeld(undefined)}>
        {order.map((x, k) => (
          <li key={x.name} class={held === x.name ? 'held' : ''}>
            <span class="guess-place" onPointerDown={shown ? undefined : (event) => { event.currentTarget.setPointerCapture(event.pointerId); setHeld(x.name) }}><b>{k + 1}</b>{x.name}</span>
            {shown ? <span class="num">{about(x.at, unit, lang, decimals)}</span> : (
              <span class="guess-moves">
                <button type="button" class="round quiet" aria-label={t.up(x.name)} disabled={k === 0} onClick={() => move(k, k - 1)}><Icon name="up" /></button>
                <button type="button" class="round quiet" aria-label={t.down(x.name)} disabled={k === order.length - 1} onClick={() => move(k, k + 1)}><Icon name="down" /></button>
              </span>
            )}
          </li>
        ))}
      </ol>
      <p class="unseen" role="status">{shown ? '' : said}</p>
      <Reveal session={session} lang={lang} shown={shown} sentence={shown ? rankSentence(order, lang) : ''} reveal={() => setShown(true)} again={() => setShown(false)} />
    </Part>
  )
}
