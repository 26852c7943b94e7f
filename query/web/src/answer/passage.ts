/** Question 1, who passes here and when: the week of one place in a sentence. */
import type { Counted } from '../catalog'
import { NO_DATA, NOT_PUBLISHED } from '../flag'
import { figure, type Profile } from '../frame'
import { countedWords } from '../period'
import { kindOf, slotBrief, type SlotKind } from '../slot'
import type { Lang } from '../words'
import { about, difference, estimate, highest, known, list, lowest, verdict, type Estimate } from './estimate'

export interface Moment { slot: string; at: Estimate }

export interface Passage {
  sentence: string
  /** The busiest moments that cannot be told apart, busiest first; likewise the quietest. */
  busiest: Moment[]
  quietest: Moment[]
  published: number
  withheld: number
  missing: number
  intervals: boolean
}

/** More than these are not listed: the sentence says how many there are. */
const LISTED = 3

export function passage(profile: Profile, kind: SlotKind, about_: { name: string; unit: string; decimals: number; counted?: Counted }, lang: Lang): Passage {
  const { name, unit, decimals, counted } = about_
  const all = profile.slots.map((slot, i) => ({ slot, f: figure(profile, i) })).filter((m) => kindOf(m.slot) === kind)
  const moments = all.flatMap(({ slot, f }): Moment[] => { const at = estimate(f); return at ? [{ slot, at }] : [] })
  const of = (m: Moment) => m.at
  const [busiest, quietest] = [highest(moments, of), lowest(moments, of)]
  const flagged = (flag: number) => all.filter((m) => m.f.flag === flag).length
  const base = { busiest, quietest, published: moments.length, withheld: flagged(NOT_PUBLISHED), missing: flagged(NO_DATA), intervals: moments.length > 0 && moments.every((m) => known(m.at)) }
  const fr = lang === 'fr'
  if (moments.length === 0) {
    return { ...base, sentence: fr ? `Aucun chiffre n’est publié pour ${name} : on ne peut pas répondre ici.` : `No figure is published for ${name}: there is no answer here.` }
  }
  const when = (m: Moment) => slotBrief(m.slot, lang)
  const top = about(busiest[0]!.at, unit, lang, decimals)
  let sentence: string
  if (moments.length === 1) sentence = fr ? `À ${name}, ${when(moments[0]!)} : ${top}.` : `In ${name}, ${when(moments[0]!)}: ${top}.`
  else if (busiest.length === moments.length) {
    sentence = fr ? `À ${name}, aucun moment ne se distingue nettement des autres : ${top}, à l’heure la plus haute.` : `In ${name}, no moment clearly stands out from the others: ${top} at the highest.`
  } else if (busiest.length === 1) {
    sentence = fr ? `À ${name}, le moment le plus fréquenté est ${quoted(when(busiest[0]!), lang)} : ${top}.` : `In ${name}, the busiest moment is ${quoted(when(busiest[0]!), lang)}: ${top}.`
  } else if (busiest.length <= LISTED) {
    const names = list(busiest.map((m) => quoted(when(m), lang)), lang, 'disjunction')
    sentence = fr ? `À ${name}, le moment le plus fréquenté est ${names}, sans qu’on puisse les départager : ${top}.` : `In ${name}, the busiest moment is ${names}; they cannot be told apart: ${top}.`
  } else {
    sentence = fr ? `À ${name}, ${busiest.length} moments se partagent la plus forte fréquentation, dont ${quoted(when(busiest[0]!), lang)} : ${top}.`
      : `In ${name}, ${busiest.length} moments share the highest level, among them ${quoted(when(busiest[0]!), lang)}: ${top}.`
  }
  if (counted) sentence += fr ? ` Sont comptés : ${countedWords(counted, true, lang)}.` : ` Counted are ${countedWords(counted, true, lang)}.`
  if (!base.intervals) sentence += fr ? ' La source ne donne pas de marge d’erreur.' : ' The source gives no margin of error.'
  return { ...base, sentence }
}

/** Two places at one moment: which has more, if that can be told. */
export function comparison(a: { name: string; at?: Estimate }, b: { name: string; at?: Estimate }, about_: { when: string; unit: string; decimals: number }, lang: Lang): string {
  const fr = lang === 'fr'
  const { when, unit, decimals } = about_
  if (!a.at || !b.at) return fr ? `${when} : un des deux lieux n’a pas de chiffre publié, on ne peut pas comparer.` : `${when}: one of the two places has no published figure, no comparison is possible.`
  const both = `${a.name}, ${about(a.at, unit, lang, decimals)} ; ${b.name}, ${about(b.at, unit, lang, decimals)}`
  const d = verdict(difference(a.at, b.at))
  const more = b.at.value > a.at.value ? b.name : a.name
  if (d === 'change') return fr ? `${when} : plus à ${more}. ${both}.` : `${when}: more in ${more}. ${both}.`
  if (d === 'noise') return fr ? `${when} : on ne peut pas départager les deux lieux. ${both}.` : `${when}: the two places cannot be told apart. ${both}.`
  return fr ? `${when} : ${both}. Sans marge d’erreur, on ne peut pas dire si l’écart compte.` : `${when}: ${both}. Without a margin of error, it cannot be said whether the difference matters.`
}

const quoted = (text: string, lang: Lang) => (lang === 'fr' ? `« ${text} »` : `“${text}”`)
