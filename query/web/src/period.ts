/** What a figure of a protected source counts, and over which window. */
import type { Counted } from './catalog'
import type { Lang } from './words'

const LOCALE: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' }
const DAY_MS = 86_400_000

/** A declared window in words: "2025-11", "2025-Q4", "2025", "2025-11-03/2025-11-10" (its last day is excluded). */
export function periodWords(period: string, lang: Lang): string {
  const month = period.match(/^(\d{4})-(0[1-9]|1[0-2])$/)
  if (month) return new Intl.DateTimeFormat(LOCALE[lang], { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${period}-01`))
  const quarter = period.match(/^(\d{4})-Q([1-4])$/)
  if (quarter) {
    const n = Number(quarter[2])
    return lang === 'fr' ? `${n === 1 ? '1er' : `${n}e`} trimestre ${quarter[1]}` : `${['first', 'second', 'third', 'fourth'][n - 1]} quarter of ${quarter[1]}`
  }
  const [from, to] = period.split('/').map((day) => Date.parse(day))
  if (!period.includes('/') || !Number.isFinite(from) || !Number.isFinite(to)) return period
  return new Intl.DateTimeFormat(LOCALE[lang], { dateStyle: 'long', timeZone: 'UTC' }).formatRange(from!, to! - DAY_MS)
}

const UNITS: Record<Lang, Record<string, [different: string, some: string]>> = {
  fr: {
    person: ['personnes différentes vues', 'personnes'], device: ['appareils différents vus', 'appareils'], vehicle: ['véhicules différents vus', 'véhicules'],
    household: ['foyers différents', 'foyers'], enterprise: ['entreprises différentes', 'entreprises'], respondent: ['répondants différents', 'répondants'],
  },
  en: {
    person: ['different people seen', 'people'], device: ['different devices seen', 'devices'], vehicle: ['different vehicles seen', 'vehicles'],
    household: ['different households', 'households'], enterprise: ['different enterprises', 'enterprises'], respondent: ['different respondents', 'respondents'],
  },
}

/** The units of a protected source in the plural: "people", "appareils". */
export const unitsWords = (unit: string, lang: Lang): string => (UNITS[lang][unit] ?? UNITS[lang].person!)[1]

/** "personnes différentes vues dans ce créneau, novembre 2025"; sums of enterprises and estimates are over the window. */
export function countedWords({ class: kind, unit, period }: Counted, inSlot: boolean, lang: Lang): string {
  const when = period && periodWords(period, lang)
  const what = kind === 'C' || kind === 'F' ? (UNITS[lang][unit] ?? UNITS[lang].person!)[0] : ''
  const where = inSlot ? (lang === 'fr' ? 'dans ce créneau' : 'in this slot') : ''
  const head = what ? [what, where].filter(Boolean).join(' ') : lang === 'fr' ? 'sur la période' : 'over the period'
  return when ? `${head}, ${when}` : head
}
