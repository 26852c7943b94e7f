/** Question 15, can I trust this figure: how precise it is, and what to write beside it. */
import type { Measure, Source } from '../catalog'
import { ESTIMATED, NO_DATA, NOT_PUBLISHED, PARTIAL } from '../flag'
import type { Figure } from '../frame'
import type { Lang } from '../words'
import { about, estimate, known } from './estimate'

/** precise: within 10 %; order: within 30 %; weak: beyond; unsure: no interval known; none: there is no number. */
export type Grade = 'precise' | 'order' | 'weak' | 'unsure' | 'none'

export function grade(f: Figure): Grade {
  const e = estimate(f)
  if (!e) return 'none'
  if (f.flag === PARTIAL || f.flag === ESTIMATED || !known(e)) return 'unsure'
  if (e.value <= 0) return 'weak'
  const half = Math.max(e.hi - e.value, e.value - e.lo) / e.value
  return half <= 0.1 ? 'precise' : half <= 0.3 ? 'order' : 'weak'
}

/** The margin in per cent of the figure, rounded up. */
export function margin(f: Figure): number | undefined {
  const e = estimate(f)
  return known(e) && e.value > 0 ? Math.ceil((100 * Math.max(e.hi - e.value, e.value - e.lo)) / e.value - 1e-9) : undefined
}

export function trustSentence(f: Figure, about_: { name: string; when: string; measure: Pick<Measure, 'decimals'>; unit: string; bias?: string }, lang: Lang): string {
  const fr = lang === 'fr'
  const { name, when, measure, unit } = about_
  const e = estimate(f)
  if (!e) {
    const why = f.flag === NOT_PUBLISHED ? (fr ? 'il n’est pas publié' : 'it is not published') : f.flag === NO_DATA ? (fr ? 'rien n’a été mesuré' : 'nothing was measured') : ''
    return fr ? `Il n’y a pas de chiffre à citer pour ${name} (${when}) : ${why}. Ne l’écrivez pas comme un zéro.` : `There is no figure to quote for ${name} (${when}): ${why}. Do not write it as a zero.`
  }
  const value = about(e, unit, lang, measure.decimals)
  const m = margin(f)
  const percent = m === undefined ? '' : fr ? `${m} %` : `${m}%`
  const worth: Record<Grade, string> = fr ? {
    precise: `La marge est d’au plus ${percent} : vous pouvez citer ce chiffre avec son intervalle.`, order: `La marge atteint ${percent} : citez-le comme un ordre de grandeur, avec son intervalle.`,
    weak: `La marge atteint ${percent || 'la taille du chiffre'} : il ne suffit pas, seul, à décider.`,
    unsure: f.flag === ESTIMATED ? 'Il est estimé par son producteur : dites-le en le citant.' : f.flag === PARTIAL ? 'Il est partiel : dites-le en le citant.' : 'La source ne donne pas de marge d’erreur : citez-le avec sa source, sans en tirer un petit écart.', none: '',
  } : {
    precise: `The margin is at most ${percent}: you may quote this figure with its interval.`, order: `The margin reaches ${percent}: quote it as an order of magnitude, with its interval.`,
    weak: `The margin reaches ${percent || 'the size of the figure'}: it is not enough, alone, to decide.`,
    unsure: f.flag === ESTIMATED ? 'It is estimated by its producer: say so when you quote it.' : f.flag === PARTIAL ? 'It is partial: say so when you quote it.' : 'The source gives no margin of error: quote it with its source, and read nothing into small differences.', none: '',
  }
  return `${name}, ${when}${fr ? ' : ' : ': '}${value}. ${worth[grade(f)]}${about_.bias ? ` ${about_.bias}` : ''}`
}

/** Rows read by the source that did not make it, in a hundred; undefined when not told (protected sources). */
export const rejectedShare = (s: Source): number | undefined =>
  s.protected || s.read === 0 ? undefined : (100 * (s.rejected ?? []).reduce((n, r) => n + r.count, 0)) / s.read

/** What to write under the figure when it is published. */
export function citation(parts: { measure: string; name: string; when: string; value: string; producer: string; licence: string; vintage: string; territory: string; release: string; synthetic: boolean }, lang: Lang): string {
  const fr = lang === 'fr'
  return fr ? `${parts.measure}, ${parts.name}, ${parts.when} : ${parts.value}. Source : ${parts.producer}, ${parts.vintage}, ${parts.licence}. ${parts.territory}, publication ${parts.release}.${parts.synthetic ? ' Données fictives.' : ''}`
    : `${parts.measure}, ${parts.name}, ${parts.when}: ${parts.value}. Source: ${parts.producer}, ${parts.vintage}, ${parts.licence}. ${parts.territory}, release ${parts.release}.${parts.synthetic ? ' Invented data.' : ''}`
}
