/** The flows of a whole territory in words. */
import { number, withUnit } from '../number'
import type { Overview, Pair } from '../overview'
import type { Lang } from '../words'
import { about, estimate, highest, known, list } from './estimate'

export interface About { /** What the ends are, in the plural: "communes". */ zones: string; unit: string; decimals: number; /** One person may count in several pairs: nothing is added up. */ overlap: boolean }

/** What is drawn, and what the others add up to. */
export function overviewWords(o: Overview, { zones, unit, decimals, overlap }: About, lang: Lang): string[] {
  const fr = lang === 'fr'
  const n = (v: number) => number(v, lang)
  const total = (value: number) => (overlap ? '' : `${fr ? ' : ' : ': '}${withUnit(value, unit, lang, decimals)}`)
  if (o.drawn.length === 0) return [fr ? `Aucun trajet entre ${zones} n’est publié.` : `No journey between ${zones} is published.`]
  const one = o.drawn.length === 1
  const out = [fr ? `${one ? 'Le plus grand trajet' : `Les ${n(o.drawn.length)} plus grands trajets`} entre ${zones} ${one ? 'est tracé' : 'sont tracés'}${total(o.sum)}. L’épaisseur est proportionnelle au chiffre.`
    : `${one ? 'The greatest journey' : `The ${n(o.drawn.length)} greatest journeys`} between ${zones} ${one ? 'is' : 'are'} drawn${total(o.sum)}. Width is in proportion to the figure.`]
  if (o.others.pairs > 0) out.push(fr ? `Les autres, ${n(o.others.pairs)} ${o.others.pairs > 1 ? 'trajets' : 'trajet'}${total(o.others.value)}.` : `The others, ${n(o.others.pairs)} ${o.others.pairs > 1 ? 'journeys' : 'journey'}${total(o.others.value)}.`)
  if (o.within.pairs > 0 && !overlap) out.push(fr ? `Sans changer de zone${total(o.within.value)}.` : `Within one zone${total(o.within.value)}.`)
  if (o.outside.pairs > 0 && !overlap) out.push(fr ? `Avec l’extérieur du territoire${total(o.outside.value)}.` : `With places outside the territory${total(o.outside.value)}.`)
  if (o.withheld > 0) out.push(fr ? `${n(o.withheld)} ${o.withheld > 1 ? 'trajets non publiés' : 'trajet non publié'}.` : `${n(o.withheld)} ${o.withheld > 1 ? 'journeys' : 'journey'} not published.`)
  return out
}

const LISTED = 3

/** The greatest journey of the territory, if it can be told from the others. */
export function greatestWords(pairs: Pair[], name: (zone: number) => string, { zones, unit, decimals }: About, lang: Lang): string {
  const fr = lang === 'fr'
  if (pairs.length === 0) return fr ? `Aucun trajet entre ${zones} n’est publié : on ne peut pas répondre ici.` : `No journey between ${zones} is published: there is no answer here.`
  const first = highest(pairs, (p) => estimate(p)!)
  const arrow = (p: Pair) => (fr ? `de ${name(p.origin)} à ${name(p.destination)}` : `from ${name(p.origin)} to ${name(p.destination)}`)
  const tail = pairs.every((p) => known(estimate(p))) ? '' : fr ? ' La source ne donne pas de marge d’erreur.' : ' The source gives no margin of error.'
  if (first.length === 1) {
    const value = about(estimate(first[0]!)!, unit, lang, decimals)
    return (fr ? `Le plus grand trajet entre ${zones} va ${arrow(first[0]!)} : ${value}.` : `The greatest journey between ${zones} goes ${arrow(first[0]!)}: ${value}.`) + tail
  }
  if (first.length <= LISTED) return (fr ? `Les plus grands trajets entre ${zones}, sans qu’on puisse les départager, vont ${list(first.map(arrow), lang)}.` : `The greatest journeys between ${zones}, not to be told apart, go ${list(first.map(arrow), lang)}.`) + tail
  return (fr ? `Aucun trajet entre ${zones} ne se détache : ${first.length} sont au même niveau, à la marge d’erreur près, dont celui qui va ${arrow(first[0]!)}.` : `No journey between ${zones} stands out: ${first.length} are level within the margin of error, among them the one that goes ${arrow(first[0]!)}.`) + tail
}
