/** Slots as the server writes them: "all", "weekday-08" (day type and local hour), "weekday-06-09" (day type and hours), "weekday" (day type), "2026-03" (month), "2026-03-14" (date). */
import type { Lang } from './words'

export type SlotKind = 'all' | 'hour' | 'span' | 'day_type' | 'month' | 'date'
export type DayType = 'weekday' | 'saturday' | 'sunday'

export const DAY_TYPES: readonly DayType[] = ['weekday', 'saturday', 'sunday']

const HOUR = /^(weekday|saturday|sunday)-([01]\d|2[0-3])$/

/** Several hours together: half a day, three hours. */
const SPAN = /^(weekday|saturday|sunday)-([01]\d|2[0-3])-([01]\d|2[0-4])$/

/** The kind of a slot, or undefined when it is not well formed. */
export function kindOf(slot: string): SlotKind | undefined {
  if (slot === 'all') return 'all'
  if (HOUR.test(slot)) return 'hour'
  if (SPAN.test(slot)) return 'span'
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

/** Day type and hours of a slot of several hours; the last one is not in it. */
export function spanOf(slot: string): { day: DayType; from: number; to: number } | undefined {
  const m = slot.match(SPAN)
  return m ? { day: m[1] as DayType, from: Number(m[2]), to: Number(m[3]) } : undefined
}

/** The slot of the same hours on another type of day. */
export const onDay = (slot: string, day: DayType): string => day + slot.slice(dayOf(slot)?.length ?? slot.length)

export const hourSlot = (day: DayType, hour: number): string => `${day}-${String(hour).padStart(2, '0')}`

/** The kinds among the slots, in the order in which they are offered. */
export function kindsIn(slots: string[]): SlotKind[] {
  const found = new Set(slots.map(kindOf))
  return (['hour', 'span', 'day_type', 'month', 'date', 'all'] as const).filter((k) => found.has(k))
}

export const ofKind = (slots: string[], kind: SlotKind): string[] => slots.filter((s) => kindOf(s) === kind)

/** The slot shown first: the morning peak of a weekday, else the latest month or date. */
export function firstSlot(slots: string[]): string {
  if (slots.includes('weekday-08')) return 'weekday-08'
  const kind = kindsIn(slots)[0]
  return (kind === 'month' || kind === 'date' ? ofKind(slots, kind).at(-1) : slots[0]) ?? 'all'
}

/** The slots along which the slider moves from this one: the same day type, or all months, or all dates. */
export function track(slots: string[], slot: string): string[] {
  const kind = kindOf(slot)
  const day = kind === 'hour' || kind === 'span' ? dayOf(slot) : undefined
  return slots.filter((s) => kindOf(s) === kind && (!day || dayOf(s) === day))
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

/** "8 h – 9 h" or "08:00–09:00". */
export function hourWords(hour: number, lang: Lang): string {
  const next = hour + 1
  return lang === 'fr' ? `${hour} h – ${next} h` : `${String(hour).padStart(2, '0')}:00–${String(next).padStart(2, '0')}:00`
}

/** "0 h – 12 h" or "00:00–12:00". */
function spanWords({ from, to }: { from: number; to: number }, lang: Lang): string {
  const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`
  return lang === 'fr' ? `${from} h – ${to} h` : `${clock(from)}–${clock(to)}`
}

const LOCALE: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' }
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The slot in words, as announced and as written under the slider. */
export function slotWords(slot: string, lang: Lang): string {
  const at = hourOf(slot)
  if (at) {
    const mean = lang === 'fr' ? 'heure moyenne' : 'average hour'
    return `${dayWords(at.day, lang)}, ${hourWords(at.hour, lang)}, ${mean}`
  }
  const span = spanOf(slot)
  if (span) return `${dayWords(span.day, lang)}, ${spanWords(span, lang)}`
  const kind = kindOf(slot)
  if (kind === 'day_type') return `${dayWords(slot as DayType, lang)}, ${lang === 'fr' ? 'jour moyen' : 'average day'}`
  if (kind === 'month') return capital(new Intl.DateTimeFormat(LOCALE[lang], { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${slot}-01`)))
  if (kind === 'date') return capital(new Intl.DateTimeFormat(LOCALE[lang], { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(slot)))
  return lang === 'fr' ? 'Toute la période' : 'Whole period'
}

/** The slot inside a sentence: "samedi, 16 h – 17 h", "juin 2025". */
export function slotBrief(slot: string, lang: Lang): string {
  const at = hourOf(slot)
  const day = dayOf(slot)
  const span = spanOf(slot)
  const text = at ? `${dayName(at.day, lang)}, ${hourWords(at.hour, lang)}` : span ? `${dayName(span.day, lang)}, ${spanWords(span, lang)}` : day ? dayName(day, lang) : slotWords(slot, lang)
  return lang === 'fr' || day ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

/** The slot as short as an axis needs it. */
export function slotShort(slot: string, lang: Lang): string {
  const at = hourOf(slot)
  if (at) return lang === 'fr' ? `${at.hour} h` : `${String(at.hour).padStart(2, '0')}:00`
  const span = spanOf(slot)
  if (span) return spanWords(span, lang)
  const kind = kindOf(slot)
  if (kind === 'day_type') return dayName(slot as DayType, lang)
  if (kind === 'month') return new Intl.DateTimeFormat(LOCALE[lang], { month: 'short', year: '2-digit', timeZone: 'UTC' }).format(new Date(`${slot}-01`))
  if (kind === 'date') return new Intl.DateTimeFormat(LOCALE[lang], { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(slot))
  return slotWords(slot, lang)
}
