/**
 * Slots as the server writes them: "all", "weekday-08" (day type and local hour), "weekday-06-09" (day type and span of
 * three or twelve hours), "weekday" (day type), "2026-03" (month), "2026-03-14" (date).
 */
import type { Counted } from './catalog'
import { capital, LOCALE } from './number'
import { countedWords } from './period'
import type { Lang } from './words'

export type SlotKind = 'all' | 'hour' | 'three_hours' | 'half_day' | 'day_type' | 'month' | 'date'
export type DayType = 'weekday' | 'saturday' | 'sunday'

export const DAY_TYPES: readonly DayType[] = ['weekday', 'saturday', 'sunday']

const HOUR = /^(weekday|saturday|sunday)-([01]\d|2[0-3])$/
const SPAN = /^(weekday|saturday|sunday)-(\d\d)-(\d\d)$/
const WIDTHS: Record<number, SlotKind> = { 3: 'three_hours', 12: 'half_day' }

/** The kind of a slot, or undefined when it is not well formed. */
export function kindOf(slot: string): SlotKind | undefined {
  if (slot === 'all') return 'all'
  if (HOUR.test(slot)) return 'hour'
  const span = slot.match(SPAN)
  if (span) {
    const [from, to] = [Number(span[2]), Number(span[3])]
    return from >= 0 && to <= 24 && from % (to - from) === 0 ? WIDTHS[to - from] : undefined
  }
  if ((DAY_TYPES as readonly string[]).includes(slot)) return 'day_type'
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(slot)) return 'month'
  if (/^\d{4}-\d{2}-\d{2}$/.test(slot) && !Number.isNaN(Date.parse(slot))) return 'date'
  return undefined
}

/** Day type of a slot that has one. */
export const dayOf = (slot: string): DayType | undefined => DAY_TYPES.find((d) => slot === d || slot.startsWith(`${d}-`))

/** Day type and hour of an hourly slot. */
export function hourOf(slot: string): { day: DayType; hour: number } | undefined {
  const m = slot.match(HOUR)
  return m ? { day: m[1] as DayType, hour: Number(m[2]) } : undefined
}

/** Day type, first hour and end of a slot that is a part of a day. */
export function spanOf(slot: string): { day: DayType; from: number; to: number } | undefined {
  const at = hourOf(slot)
  if (at) return { day: at.day, from: at.hour, to: at.hour + 1 }
  const m = kindOf(slot) && slot.match(SPAN)
  return m ? { day: m[1] as DayType, from: Number(m[2]), to: Number(m[3]) } : undefined
}

/** The same part of another type of day. */
export const onDay = (slot: string, day: DayType): string => `${day}${slot.slice(dayOf(slot)?.length ?? 0)}`

export const hourSlot = (day: DayType, hour: number): string => `${day}-${String(hour).padStart(2, '0')}`

/** The kinds among the slots, in the order in which they are offered. */
export function kindsIn(slots: string[]): SlotKind[] {
  const found = new Set(slots.map(kindOf))
  return (['hour', 'three_hours', 'half_day', 'day_type', 'month', 'date', 'all'] as const).filter((k) => found.has(k))
}

export const ofKind = (slots: string[], kind: SlotKind): string[] => slots.filter((s) => kindOf(s) === kind)

const PEAKS = ['weekday-08', 'weekday-06-09', 'weekday-00-12']

/** The slot shown first: the morning peak of a weekday, else the latest month or date. */
export function firstSlot(slots: string[]): string {
  const peak = PEAKS.find((s) => slots.includes(s))
  if (peak) return peak
  const kind = kindsIn(slots)[0]
  const list = kind ? ofKind(slots, kind) : slots
  return (kind === 'month' || kind === 'date' ? list.at(-1) : list[0]) ?? 'all'
}

/** The slots along which the slider moves from this one: the same day type, or all months, or all dates. */
export function track(slots: string[], slot: string): string[] {
  const kind = kindOf(slot)
  const at = spanOf(slot)
  return slots.filter((s) => kindOf(s) === kind && (!at || dayOf(s) === at.day))
}

/** The slots to fetch ahead: what the slider reaches next, and what one click on a day type shows. */
export function neighbours(slots: string[], slot: string): string[] {
  const line = track(slots, slot)
  const i = line.indexOf(slot)
  const near = [line[i + 1], line[i - 1], line[i + 2]]
  return near.filter((s): s is string => s !== undefined && s !== slot)
}

/** The slot that follows during play; after the last one the first comes again. */
export function following(slots: string[], slot: string): string {
  const line = track(slots, slot)
  return line[(line.indexOf(slot) + 1) % line.length] ?? slot
}

const DAYS: Record<Lang, Record<DayType, [short: string, long: string]>> = {
  fr: {
    weekday: ['Semaine', 'Jours ouvrés (lundi à vendredi)'],
    saturday: ['Samedi', 'Samedis'],
    sunday: ['Dimanche', 'Dimanches et jours fériés'],
  },
  en: {
    weekday: ['Weekday', 'Weekdays (Monday to Friday)'],
    saturday: ['Saturday', 'Saturdays'],
    sunday: ['Sunday', 'Sundays and public holidays'],
  },
}

export const dayName = (day: DayType, lang: Lang): string => DAYS[lang][day][0]
export const dayWords = (day: DayType, lang: Lang): string => DAYS[lang][day][1]

const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`

/** "8 h – 9 h" or "08:00–09:00". */
export function hourWords(hour: number, lang: Lang, end = hour + 1): string {
  return lang === 'fr' ? `${hour} h – ${end} h` : `${clock(hour)}–${clock(end)}`
}

/** When the slot is, without what its figure means: "Samedis, 16 h – 17 h", "Juin 2025". */
export function whenWords(slot: string, lang: Lang): string {
  const at = spanOf(slot)
  if (at) return `${dayWords(at.day, lang)}, ${hourWords(at.from, lang, at.to)}`
  const kind = kindOf(slot)
  if (kind === 'day_type') return dayWords(slot as DayType, lang)
  if (kind === 'month') return capital(new Intl.DateTimeFormat(LOCALE[lang], { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${slot}-01`)))
  if (kind === 'date') return capital(new Intl.DateTimeFormat(LOCALE[lang], { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(slot)))
  return lang === 'fr' ? 'Toute la période' : 'Whole period'
}

/**
 * What a figure of the slot is: the mean of an hour or of a day, or, of a protected source, how many different units were
 * there in all of them. "" where the slot says it all.
 */
export function meaningWords(slot: string, lang: Lang, counted?: Counted): string {
  if (counted) return countedWords(counted, !!spanOf(slot), lang)
  if (spanOf(slot)) return lang === 'fr' ? 'heure moyenne' : 'average hour'
  if (kindOf(slot) === 'day_type') return lang === 'fr' ? 'jour moyen' : 'average day'
  return ''
}

/** The slot in words, as announced and as written under the slider. */
export function slotWords(slot: string, lang: Lang, counted?: Counted): string {
  const meaning = meaningWords(slot, lang, counted)
  return meaning ? `${whenWords(slot, lang)}${counted ? (lang === 'fr' ? ' : ' : ': ') : ', '}${meaning}` : whenWords(slot, lang)
}

/** The slot inside a sentence: "samedi, 16 h – 17 h", "juin 2025". */
export function slotBrief(slot: string, lang: Lang): string {
  const at = spanOf(slot)
  const day = dayOf(slot)
  const text = at ? `${dayName(at.day, lang)}, ${hourWords(at.from, lang, at.to)}` : day ? dayName(day, lang) : whenWords(slot, lang)
  return lang === 'fr' || day ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

/** The slot as short as an axis needs it. */
export function slotShort(slot: string, lang: Lang): string {
  const at = spanOf(slot)
  const kind = kindOf(slot)
  if (at && kind === 'hour') return lang === 'fr' ? `${at.from} h` : clock(at.from)
  if (at) {
    const hours = lang === 'fr' ? `${at.from}–${at.to} h` : `${clock(at.from).slice(0, 2)}–${clock(at.to).slice(0, 2)}`
    return kind === 'half_day' ? `${dayName(at.day, lang).slice(0, lang === 'fr' || at.day !== 'weekday' ? 3 : 4)}. ${hours}` : hours
  }
  if (kind === 'day_type') return dayName(slot as DayType, lang)
  if (kind === 'month') return new Intl.DateTimeFormat(LOCALE[lang], { month: 'short', year: '2-digit', timeZone: 'UTC' }).format(new Date(`${slot}-01`))
  if (kind === 'date') return new Intl.DateTimeFormat(LOCALE[lang], { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(slot))
  return whenWords(slot, lang)
}
