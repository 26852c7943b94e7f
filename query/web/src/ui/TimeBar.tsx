/** Moves the moment shown: day type and hour, month or date, with play and pause. */
import { counted } from '../catalog'
import { DAY_TYPES, dayName, dayOf, dayWords, firstSlot, hourWords, kindOf, kindsIn, meaningWords, ofKind, onDay, slotShort, slotWords, spanOf, track, whenWords, type SlotKind } from '../slot'
import { words } from '../words'
import type { Props } from './App'
import { Icon } from './Logo'

export function TimeBar({ session, state }: Props) {
  const { shown, slot } = state
  const { lang } = state.view
  const w = words(lang)
  if (!shown || shown.slots.length < 2) return null
  const kinds = kindsIn(shown.slots)
  const line = track(shown.slots, slot)
  const i = Math.max(0, line.indexOf(slot))
  const kind = kindOf(slot) ?? 'all'
  const at = spanOf(slot)
  const counts = counted(state.catalog, shown)
  const meaning = meaningWords(slot, lang, counts)
  const move = (to: number) => {
    session.pause()
    const next = line[Math.min(line.length - 1, Math.max(0, to))]
    if (next && next !== slot) session.slot(next)
  }
  const kindNames: Record<SlotKind, string> = { hour: w.kindHour, three_hours: w.kindThreeHours, half_day: w.kindHalfDay, day_type: w.kindDay, month: w.kindMonth, date: w.kindDate, all: w.kindAll }
  const sliderName = { hour: w.timeSlider, three_hours: w.timeSlider, half_day: w.timeSlider, day_type: w.dayType, month: w.monthSlider, date: w.dateSlider, all: w.time }[kind]
  const ticks = line.length === 24 ? [0, 6, 12, 18] : [...new Set([0, Math.floor((line.length - 1) / 2), line.length - 1])]
  return (
    <section class="time" aria-label={w.time} onPointerEnter={() => session.expectMove()} onFocusIn={() => session.expectMove()}>
      <div class="time-choices">
        {kinds.length > 1 && (
          <div class="segments" role="group" aria-label={w.period}>
            {kinds.map((k) => (
              <button key={k} type="button" aria-pressed={k === kind} onClick={() => { session.pause(); session.slot(firstSlot(ofKind(shown.slots, k))) }}>{kindNames[k]}</button>
            ))}
          </div>
        )}
        {dayOf(slot) && (
          <div class="segments" role="group" aria-label={w.dayType}>
            {DAY_TYPES.filter((d) => shown.slots.some((s) => kindOf(s) === kind && dayOf(s) === d)).map((day) => (
              <button key={day} type="button" aria-pressed={day === dayOf(slot)} title={dayWords(day, lang)} onClick={() => { const same = onDay(slot, day); session.slot(shown.slots.includes(same) ? same : ofKind(shown.slots, kind).find((s) => dayOf(s) === day)!) }}>{dayName(day, lang)}</button>
            ))}
          </div>
        )}
      </div>
      {line.length > 1 && kind !== 'day_type' && (
        <div class="time-line">
          <button type="button" class="round primary" aria-label={state.playing ? w.pause : w.play} onClick={() => (state.playing ? session.pause() : session.play())}>
            <Icon name={state.playing ? 'pause' : 'play'} />
          </button>
          <div class="time-slide">
            <input type="range" min={0} max={line.length - 1} step={1} value={i} aria-label={sliderName} aria-valuetext={slotWords(slot, lang, counts)}
              onInput={(event) => move(Number(event.currentTarget.value))} />
            <div class="ticks" aria-hidden="true">
              {ticks.map((t) => <span key={t} ref={(el) => el?.style.setProperty('--at', String(line.length > 1 ? t / (line.length - 1) : 0))}>{slotShort(line[t]!, lang)}</span>)}
            </div>
          </div>
          <button type="button" class="round quiet" aria-label={w.previous} disabled={i === 0} onClick={() => move(i - 1)}><Icon name="back" /></button>
          <button type="button" class="round quiet" aria-label={w.next} disabled={i === line.length - 1} onClick={() => move(i + 1)}><Icon name="next" /></button>
        </div>
      )}
      <p class="time-words"><strong>{at ? hourWords(at.from, lang, at.to) : whenWords(slot, lang)}</strong> {at && <span>{dayWords(at.day, lang)}{meaning && !counts && `, ${meaning}`}</span>}
        {counts && <span class="time-counts">{meaning}</span>}{!at && !counts && meaning && <span>{meaning}</span>}</p>
    </section>
  )
}
