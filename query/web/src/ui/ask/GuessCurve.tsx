/** "Guess before you see", with the curve of a day: drawn with a pointer, by keys, or in a table. Nothing is kept or sent. */
import { useRef, useState } from 'preact/hooks'
import { compared, curveSentence } from '../../answer/guess'
import { figure, type Profile } from '../../frame'
import { flagName } from '../../flag'
import { number, withUnit } from '../../number'
import { dayName, dayOf, slotBrief, slotShort, track } from '../../slot'
import type { Props } from '../App'
import { ceiling } from '../Profile'
import { GUESS, Reveal } from './guess'
import { Part } from './parts'

const W = 640
const H = 260
const LEFT = 54
const BOTTOM = 26
const TOP = 12
/** Of the scale: one press of an arrow, and of page up or down. */
const FINE = 1 / 40
const COARSE = 1 / 8

export function GuessCurve({ session, state, profile, name, unit, decimals }: Props & { profile: Profile; name: string; unit: string; decimals: number }) {
  const { lang } = state.view
  const t = GUESS[lang]
  const slots = track(profile.slots, state.slot)
  const day = dayOf(state.slot)
  const figures = slots.map((s) => figure(profile, profile.slots.indexOf(s)))
  const top = ceiling(1.2 * Math.max(1, ...figures.map((f) => Math.max(f.value ?? 0, f.hi ?? 0))))
  const [guess, setGuess] = useState<number[]>(() => slots.map(() => 0))
  const [at, setAt] = useState(0)
  const [shown, setShown] = useState(false)
  const box = useRef<SVGSVGElement>(null)
  const last = useRef<{ k: number; v: number }>(undefined)

  const wide = (W - LEFT - 8) / slots.length
  const x = (k: number) => LEFT + (k + 0.5) * wide
  const y = (v: number) => TOP + (1 - Math.min(top, Math.max(0, v)) / top) * (H - TOP - BOTTOM)
  const tidy = (v: number) => Math.min(top, Math.max(0, Number((Math.round(v / (top / 200)) * (top / 200)).toPrecision(6))))
  const put = (from: number, to: number, v0: number, v1: number) => setGuess((now) => now.map((old, k) => {
    if (k < Math.min(from, to) || k > Math.max(from, to)) return old
    return tidy(from === to ? v1 : v0 + ((v1 - v0) * (k - from)) / (to - from))
  }))
  const draw = (event: PointerEvent) => {
    if (shown || !box.current || (event.type === 'pointermove' && !last.current)) return
    const frame = box.current.getBoundingClientRect()
    const k = Math.min(slots.length - 1, Math.max(0, Math.floor((((event.clientX - frame.left) / frame.width) * W - LEFT) / wide)))
    const v = (1 - (((event.clientY - frame.top) / frame.height) * H - TOP) / (H - TOP - BOTTOM)) * top
    const before = last.current ?? { k, v }
    put(before.k, k, before.v, v)
    last.current = { k, v }
    setAt(k)
  }
  const keys = (event: KeyboardEvent) => {
    const side = { ArrowLeft: -1, ArrowRight: 1, Home: -slots.length, End: slots.length }[event.key]
    const step = { ArrowUp: FINE, ArrowDown: -FINE, PageUp: COARSE, PageDown: -COARSE }[event.key]
    if (side === undefined && step === undefined) return
    event.preventDefault()
    if (side !== undefined) {
      const next = Math.min(slots.length - 1, Math.max(0, at + side))
      setAt(next)
      ;(box.current?.querySelectorAll('[role=slider]')[next] as SVGElement | undefined)?.focus()
    } else if (!shown) put(at, at, 0, guess[at]! + step! * top)
  }
  const line = (values: (number | null)[]) => values.map((v, k) => (v === null ? '' : `${k === 0 || values[k - 1] === null ? 'M' : 'L'}${x(k).toFixed(1)} ${y(v).toFixed(1)}`)).join('')
  const text = (v: number) => withUnit(v, unit, lang, decimals)
  return (
    <Part title={t.curve(name, day ? dayName(day, lang) : '')} class="guess">
      <p id="guess-how">{t.how} {t.top(text(top))}</p>
      <svg ref={box} class="guess-curve" viewBox={`0 0 ${W} ${H}`} role="group" aria-label={t.yours} aria-describedby="guess-how"
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); draw(event) }} onPointerMove={draw}
        onPointerUp={() => { last.current = undefined }} onPointerCancel={() => { last.current = undefined }} onKeyDown={keys}>
        {[0, 0.5, 1].map((part) => <g key={part} aria-hidden="true"><line class="grid-line" x1={LEFT} x2={W - 4} y1={y(top * part)} y2={y(top * part)} /><text class="axis" x={LEFT - 8} y={y(top * part) + 4} text-anchor="end">{number(top * part, lang)}</text></g>)}
        {shown && figures.map((f, k) => f.lo !== null && f.hi !== null && <line key={k} class="guess-margin" x1={x(k)} x2={x(k)} y1={y(f.lo)} y2={y(f.hi)} />)}
        <path class="guess-mine" d={line(guess)} />
        {shown && <path class="guess-real" d={line(figures.map((f) => f.value))} />}
        {slots.map((s, k) => (
          <g key={s} role="slider" tabIndex={k === at ? 0 : -1} aria-orientation="vertical" aria-label={slotBrief(s, lang)} aria-valuemin={0} aria-valuemax={top} aria-valuenow={guess[k]!} aria-valuetext={text(guess[k]!)} aria-disabled={shown} onFocus={() => setAt(k)}>
            <rect class="guess-hit" x={x(k) - wide / 2} y={TOP} width={wide} height={H - TOP - BOTTOM} /><circle class={k === at ? 'guess-at' : 'guess-dot'} cx={x(k)} cy={y(guess[k]!)} r={k === at ? 6 : 3} />
          </g>
        ))}
        {slots.map((s, k) => (slots.length <= 8 || k % 6 === 0) && <text key={s} class="axis" aria-hidden="true" x={x(k)} y={H - 6} text-anchor="middle">{slotShort(s, lang)}</text>)}
      </svg>
      <ul class="guess-key" aria-hidden="true"><li class="mine">{t.yours}</li>{shown && <li class="real">{t.theirs}</li>}</ul>
      <Reveal session={session} lang={lang} shown={shown} sentence={shown ? curveSentence(compared(profile, slots, guess), lang) : ''} reveal={() => setShown(true)} again={() => { setShown(false); setGuess(slots.map(() => 0)) }} />
      <details>
        <summary>{t.table}</summary>
        <div class="profile-scroll" tabIndex={0} role="region" aria-label={t.table}>
          <table>
            <thead><tr><th scope="col">{t.moment}</th><th scope="col" class="num">{t.yours}</th>{shown && <th scope="col" class="num">{t.theirs}</th>}</tr></thead>
            <tbody>
              {slots.map((s, k) => (
                <tr key={s}><th scope="row">{slotBrief(s, lang)}</th>
                  <td class="num">{shown ? number(guess[k]!, lang, decimals) : <input type="number" min={0} max={top} step={top / 200} value={guess[k]} aria-label={slotBrief(s, lang)} onInput={(event) => put(k, k, 0, Number(event.currentTarget.value) || 0)} />}</td>
                  {shown && <td class="num">{figures[k]!.value === null ? flagName(figures[k]!.flag, lang) : number(figures[k]!.value, lang, decimals)}</td>}</tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </Part>
  )
}
