/** The curve of one zone: the week by hour with its three day types, or months and dates as bars. The moment shown is marked. */
import { counted, isFlow, say } from '../catalog'
import { flagName } from '../flag'
import type { Profile as Slots } from '../frame'
import { about, highest } from '../answer/estimate'
import { capital, number } from '../number'
import { DAY_TYPES, dayName, dayOf, kindOf, meaningWords, ofKind, slotBrief, slotShort, spanOf, track, type DayType } from '../slot'
import { words, type Lang } from '../words'
import type { Props } from './App'

const W = 320
const H = 150
const LEFT = 40
const BOTTOM = 22
const TOP = 10

/** The largest round number not below v, for the top of the axis. */
export function ceiling(v: number): number {
  if (v <= 0) return 1
  const p = 10 ** Math.floor(Math.log10(v))
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((m) => m * p).find((m) => m >= v)!
}

interface Point { slot: string; at: number; value: number | null; lo: number | null; hi: number | null; flag: number }

function points(profile: Slots, slots: string[]): Point[] {
  return slots.map((slot, at) => {
    const i = profile.slots.indexOf(slot)
    const flag = profile.flag[i] ?? 3
    const value = flag === 2 || flag === 3 ? null : profile.value[i] ?? null
    return { slot, at, value, lo: value === null ? null : profile.lo?.[i] ?? null, hi: value === null ? null : profile.hi?.[i] ?? null, flag }
  })
}

/** Unbroken runs of points that have a value: the line stops where nothing is published. */
function runs(list: Point[]): Point[][] {
  const out: Point[][] = [[]]
  for (const p of list) p.value === null ? out.push([]) : out.at(-1)!.push(p)
  return out.filter((run) => run.length)
}

export function Profile({ session, state, name }: Props & { name: string }) {
  const { profile, shown, slot, view } = state
  const { lang } = view
  const w = words(lang)
  if (!profile || !shown || isFlow(shown)) return null
  const kind = kindOf(slot) ?? 'all'
  const hourly = kind === 'hour' || kind === 'three_hours'
  const line = kind === 'half_day' ? ofKind(profile.slots, kind) : track(profile.slots, slot)
  const series = hourly
    ? DAY_TYPES.map((day) => ({ day, list: points(profile, ofKind(profile.slots, kind).filter((s) => dayOf(s) === day)) })).filter((s) => s.list.length)
    : [{ day: undefined, list: points(profile, line) }]
  const all = series.flatMap((s) => s.list)
  const valued = all.filter((p): p is Point & { value: number } => p.value !== null)
  const title = kind === 'three_hours' ? w.weekProfileThree : hourly ? w.weekProfile : { month: w.yearProfile, day_type: w.typeProfile, half_day: w.halfDayProfile, date: w.dayProfile, hour: '', three_hours: '', all: '' }[kind]
  if (valued.length === 0) return <section class="profile"><h3>{title}</h3><p class="muted">{w.profileEmpty}</p></section>

  const top = ceiling(Math.max(...all.map((p) => Math.max(p.value ?? 0, p.hi ?? 0))))
  const count = series[0]!.list.length
  const x = (at: number) => LEFT + (hourly ? (at / Math.max(1, count - 1)) * (W - LEFT - 8) : ((at + 0.5) / count) * (W - LEFT - 4))
  const y = (v: number) => TOP + (1 - Math.max(0, v) / top) * (H - TOP - BOTTOM)
  const d = (run: Point[]) => run.map((p, k) => `${k ? 'L' : 'M'}${x(p.at).toFixed(1)} ${y(p.value!).toFixed(1)}`).join('')
  const band = (run: Point[]) => `${run.map((p, k) => `${k ? 'L' : 'M'}${x(p.at).toFixed(1)} ${y(p.hi ?? p.value!).toFixed(1)}`).join('')}${[...run].reverse().map((p) => `L${x(p.at).toFixed(1)} ${y(p.lo ?? p.value!).toFixed(1)}`).join('')}Z`
  const best = valued.reduce((a, b) => (b.value > a.value ? b : a))
  const least = valued.reduce((a, b) => (b.value < a.value ? b : a))
  const unit = say(shown.unit, lang)
  const said = (p: Point & { value: number }) => about(p, unit, lang, shown.decimals)
  const counts = counted(state.catalog, shown)
  const level = highest(valued, (p) => p).length > 1 ? ` ${w.profileLevel}` : ''
  const summary = w.profileSummary(name, said(best), slotBrief(best.slot, lang), said(least), slotBrief(least.slot, lang)) + level
  const current = all.find((p) => p.slot === slot)
  const day = spanOf(slot)?.day
  const pick = (event: MouseEvent) => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect()
    const px = ((event.clientX - box.left) / box.width) * W
    const at = Math.round(hourly ? ((px - LEFT) / (W - LEFT - 8)) * (count - 1) : ((px - LEFT) / (W - LEFT - 4)) * count - 0.5)
    const target = (series.find((s) => s.day === day) ?? series[0]!).list[Math.min(count - 1, Math.max(0, at))]
    if (target) { session.pause(); session.slot(target.slot) }
  }
  const ticks = count === 24 ? [0, 6, 12, 18] : hourly ? [0, 2, 4, 6] : kind === 'half_day' ? [0, 2, 4] : count <= 4 ? series[0]!.list.map((p) => p.at) : count > 14 ? [0, Math.floor(count / 2), count - 1] : [0, Math.floor((count - 1) / 2), count - 1]
  return (
    <section class="profile">
      <h3>{title}</h3>
      {hourly && <Key series={series.map((s) => s.day!)} day={day} lang={lang} />}
      <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={summary} onClick={pick}>
        {[0, 0.5, 1].map((part) => (
          <g key={part}><line class="grid-line" x1={LEFT} x2={W - 4} y1={y(top * part)} y2={y(top * part)} /><text class="axis" x={LEFT - 6} y={y(top * part) + 3.5} text-anchor="end">{number(top * part, lang, top < 10 && part === 0.5 ? 1 : 0)}</text></g>
        ))}
        {current && hourly && <line class="now" x1={x(current.at)} x2={x(current.at)} y1={TOP} y2={H - BOTTOM} />}
        {hourly ? [...series].sort((a, b) => Number(a.day === day) - Number(b.day === day)).map((s) => (
          <g key={s.day} class={`line line-${s.day}${s.day === day ? ' line-on' : ''}`}>
            {s.day === day && profile.lo && runs(s.list).map((run) => <path key={run[0]!.slot} class="band" d={band(run)} />)}
            {runs(s.list).map((run) => run.length > 1 ? <path key={run[0]!.slot} d={d(run)} /> : <circle key={run[0]!.slot} cx={x(run[0]!.at)} cy={y(run[0]!.value!)} r="1.800" />)}
          </g>
        )) : series[0]!.list.map((p) => {
          const wide = Math.max(1, ((W - LEFT - 4) / count) * 0.78)
          return p.value === null ? null : <rect key={p.slot} class={`bar-of${p.slot === slot ? ' bar-on' : ''}`} x={x(p.at) - wide / 2} width={wide} y={y(p.value)} height={Math.max(0.5, y(0) - y(p.value))} rx="1" />
        })}
        {current?.value != null && hourly && <circle class={`dot line-${day}`} cx={x(current.at)} cy={y(current.value)} r="4.500" />}
        {ticks.map((t) => series[0]!.list[t] && <text key={t} class="axis" x={x(t)} y={H - 6} text-anchor={hourly || count <= 4 ? 'middle' : t === 0 ? 'start' : t === count - 1 ? 'end' : 'middle'}>{slotShort(series[0]!.list[t]!.slot, lang)}</text>)}
      </svg>
      <p class="muted">{summary}{counts && ` ${capital(meaningWords(slot, lang, counts))}.`}</p>
      <details>
        <summary>{w.profileTable}</summary>
        <div class="profile-scroll" tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead><tr><th scope="col">{w.moment}</th>{series.map((s) => <th key={s.day ?? ''} scope="col" class="num">{s.day ? dayName(s.day, lang) : say(shown.title, lang)}</th>)}</tr></thead>
            <tbody>
              {series[0]!.list.map((p, k) => (
                <tr key={p.slot} class={p.at === current?.at ? 'on' : ''}>
                  <th scope="row">{slotShort(p.slot, lang)}</th>
                  {series.map((s) => { const q = s.list[k]; return <td key={s.day ?? ''} class="num">{q ? (q.value === null ? flagName(q.flag, lang) : number(q.value, lang, shown.decimals)) : ''}</td> })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  )
}

function Key({ series, day, lang }: { series: DayType[]; day: DayType | undefined; lang: Lang }) {
  return (
    <ul class="key" aria-hidden="true">
      {series.map((d) => <li key={d} class={d === day ? 'on' : ''}><svg viewBox="0 0 26 8"><g class={`line line-${d}${d === day ? ' line-on' : ''}`}><path d="M1 4H25" /></g></svg>{dayName(d, lang)}</li>)}
    </ul>
  )
}
