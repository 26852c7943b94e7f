/** Question 2, where people come from and go to: the flows of one place in a sentence. */
import type { Direction, Partner, Partners } from '../flow'
import type { Lang } from '../words'
import { about, estimate, highest, known, list, shareWords, sum, type Estimate } from './estimate'

export interface FlowAnswer {
  sentence: string
  /** The published flows with other places. */
  published: number
  withheld: number
  total?: Estimate
  intervals: boolean
}

const LISTED = 3

/**
 * Published flows are added up only where each person counts in one of them: distinct people of several flows overlap, and
 * then no total and no share is said.
 */
export function flowAnswer(found: Partners, name: (zone: number) => string, about_: { place: string; unit: string; decimals: number; direction: Direction; overlap: boolean }, lang: Lang): FlowAnswer {
  const { place, unit, decimals, direction } = about_
  const fr = lang === 'fr'
  const to = direction === 'to'
  const rows = found.all.flatMap((p): { p: Partner; e: Estimate }[] => { const e = estimate(p); return e && e.value > 0 ? [{ p, e }] : [] })
  const withheld = found.all.filter((p) => p.value === null).length
  const total = rows.length && !about_.overlap ? sum(rows.map((r) => r.e)) : undefined
  const base = { published: rows.length, withheld, total, intervals: rows.length > 0 && rows.every((r) => known(r.e)) }
  if (rows.length === 0) {
    return { ...base, sentence: fr ? `Aucun trajet ${to ? 'vers' : 'depuis'} ${place} n’est publié : on ne peut pas répondre ici.` : `No journey ${to ? 'to' : 'from'} ${place} is published: there is no answer here.` }
  }
  const first = highest(rows, (r) => r.e)
  const head = !total ? (fr ? `${rows.length} ${rows.length > 1 ? 'trajets sont publiés' : 'trajet est publié'} ${to ? 'vers' : 'depuis'} ${place}.` : `${rows.length} ${rows.length > 1 ? 'journeys are' : 'journey is'} published ${to ? 'to' : 'from'} ${place}.`)
    : fr ? (to ? `Vers ${place}, depuis ailleurs : ${about(total, unit, lang, decimals)}.` : `De ${place} vers ailleurs : ${about(total, unit, lang, decimals)}.`)
    : (to ? `To ${place}, from elsewhere: ${about(total, unit, lang, decimals)}.` : `From ${place} to elsewhere: ${about(total, unit, lang, decimals)}.`)
  const names = first.slice(0, LISTED).map((r) => name(r.p.zone))
  let lead: string
  if (first.length === 1) {
    const part = total ? `, ${shareWords(first[0]!.e, total, lang)} ${fr ? 'du total' : 'of the total'}` : ''
    const who = about(first[0]!.e, unit, lang, decimals)
    lead = fr ? (to ? `La première origine est ${names[0]} : ${who}${part}.` : `La première destination est ${names[0]} : ${who}${part}.`)
      : (to ? `The first origin is ${names[0]}: ${who}${part}.` : `The first destination is ${names[0]}: ${who}${part}.`)
  } else if (first.length <= LISTED) {
    lead = fr ? `En tête, sans qu’on puisse les départager : ${list(names, lang)}.` : `Ahead, and not to be told apart: ${list(names, lang)}.`
  } else {
    lead = fr ? `Aucune ${to ? 'origine' : 'destination'} ne se détache : ${first.length} sont au même niveau, à la marge d’erreur près.` : `No ${to ? 'origin' : 'destination'} stands out: ${first.length} are level within the margin of error.`
  }
  const tail = base.intervals ? '' : fr ? ' La source ne donne pas de marge d’erreur.' : ' The source gives no margin of error.'
  return { ...base, sentence: `${head} ${lead}${tail}` }
}

export interface Mode { id: string; name: string; at: Estimate }

/** The modes in a sentence. They are not shares of one whole where one person may use several. */
export function modeWords(modes: Mode[], unit: string, lang: Lang, decimals = 0): string {
  const fr = lang === 'fr'
  if (modes.length === 0) return fr ? 'Aucun mode n’est publié ici.' : 'No mode is published here.'
  const first = highest(modes, (m) => m.at)
  const names = first.map((m) => m.name)
  if (modes.length === 1) return fr ? `Un seul mode est publié ici, ${names[0]} : ${about(first[0]!.at, unit, lang, decimals)}.` : `One mode only is published here, ${names[0]}: ${about(first[0]!.at, unit, lang, decimals)}.`
  if (first.length === 1) return fr ? `Le mode le plus utilisé est ${names[0]} : ${about(first[0]!.at, unit, lang, decimals)}.` : `The most used mode is ${names[0]}: ${about(first[0]!.at, unit, lang, decimals)}.`
  return fr ? `Les modes les plus utilisés, sans qu’on puisse les départager : ${list(names, lang)}.` : `The most used modes, not to be told apart: ${list(names, lang)}.`
}
