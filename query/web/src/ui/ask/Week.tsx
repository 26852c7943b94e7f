/** The week of a place as a clock laid flat: types of day in rows, hours in columns, darker for more. Its table says the same. */
import { useId } from 'preact/hooks'
import { kindOf, dayName, DAY_TYPES, dayOf, ofKind, slotBrief, slotShort, spanOf } from '../../slot'
import { figure, type Profile } from '../../frame'
import { flagName, NOT_PUBLISHED } from '../../flag'
import { number } from '../../number'
import { ramp } from '../../colour'
import { words, type Lang } from '../../words'
import type { Session } from '../../session'

const W = 430
const LEFT = 64
const ROW = 30
const CLASSES = 7

interface WeekProps { session: Session; profile: Profile; slot: string; sentence: string; unit: string; decimals: number; lang: Lang }

export function Week({ session, profile, slot, sentence, unit, decimals, lang }: WeekProps) {
  const w = words(lang)
  const hatch = useId()
  const kind = kindOf(slot) ?? 'all'
  const slots = ofKind(profile.slots, kind)
  const byDay = !!spanOf(slot)
  const rows = byDay ? DAY_TYPES.map((day) => ({ name: dayName(day, lang), slots: slots.filter((s) => dayOf(s) === day) })).filter((r) => r.slots.length) : [{ name: '', slots }]
  const of = (s: string) => figure(profile, profile.slots.indexOf(s))
  const values = slots.flatMap((s) => of(s).value ?? [])
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const colours = ramp('sequential', CLASSES)
  const columns = Math.max(...rows.map((r) => r.slots.length))
  const left = byDay ? LEFT : 0
  const wide = (W - left) / columns
  const ticks = columns > 12 ? [0, 6, 12, 18].filter((k) => k < columns) : Array.from({ length: columns }, (_, k) => k)
  const ends = slots.some((s) => of(s).lo !== null)
  return (
    <>
      <svg class="week" viewBox={`0 0 ${W} ${rows.length * ROW + 20}`} role="img" aria-label={sentence}>
        <defs><pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#f3eee5" /><path d="M0 0V6" stroke="#7b7265" stroke-width="1.4" /></pattern></defs>
        {rows.map((r, y) => (
          <g key={r.name}>
            {byDay && <text class="axis" x={left - 8} y={y * ROW + ROW / 2 + 4} text-anchor="end">{r.name}</text>}
            {r.slots.map((s, k) => {
              const f = of(s)
              const fill = f.value === null ? (f.flag === NOT_PUBLISHED ? `url(#${hatch})` : '#fff') : colours[most > least ? Math.min(CLASSES - 1, Math.floor(((f.value - least) / (most - least)) * CLASSES)) : 0]!
              return <rect key={s} class={`week-cell${s === slot ? ' week-on' : ''}`} x={left + k * wide + 1} y={y * ROW + 1} width={wide - 2} height={ROW - 2} rx="2" fill={fill} onClick={() => { session.pause(); session.slot(s) }}>
                <title>{`${slotBrief(s, lang)} : ${f.value === null ? flagName(f.flag, lang) : `${number(f.value, lang, decimals)} ${unit}`}`}</title>
              </rect>
            })}
          </g>
        ))}
        {ticks.map((k) => <text key={k} class="axis" x={left + (k + (columns > 12 ? 0 : 0.5)) * wide} y={rows.length * ROW + 14} text-anchor={columns > 12 ? 'start' : 'middle'}>{slotShort(rows[0]!.slots[k]!, lang)}</text>)}
      </svg>
      {values.length > 0 && <p class="muted">{lang === 'fr' ? `Du plus clair, ${number(least, lang, decimals)}, au plus foncé, ${number(most, lang, decimals)} ${unit} ; hachuré : non publié.` : `From the lightest, ${number(least, lang, decimals)}, to the darkest, ${number(most, lang, decimals)} ${unit}; hatched: not published.`}</p>}
      <details class="week-table">
        <summary>{w.profileTable}</summary>
        <div class="profile-scroll" tabIndex={0} role="region" aria-label={w.profileTable}>
          <table>
            <thead><tr><th scope="col">{w.moment}</th><th scope="col" class="num">{w.value}</th>{ends && <th scope="col" class="num">{w.interval}</th>}</tr></thead>
            <tbody>
              {slots.map((s) => {
                const f = of(s)
                return <tr key={s} class={s === slot ? 'on' : ''}><th scope="row">{slotBrief(s, lang)}</th><td class="num">{f.value === null ? flagName(f.flag, lang) : number(f.value, lang, decimals)}</td>
                  {ends && <td class="num">{f.lo === null || f.hi === null ? '' : `${number(f.lo, lang, decimals)} – ${number(f.hi, lang, decimals)}`}</td>}</tr>
              })}
            </tbody>
          </table>
        </div>
      </details>
    </>
  )
}
