/** Questions 5 and 12, who has nothing near: residents by cell, and the distance as the crow flies to the nearest facility. */
import type { Composed } from '../area/figure'
import { ESTIMATED } from '../flag'
import type { Frame } from '../frame'
import { figure } from '../frame'
import { number } from '../number'
import type { Lang } from '../words'
import { highest, shareWords, type Estimate } from './estimate'

const METRES_PER_DEGREE = 111_195 // mean radius 6,371,009 m

/** Distance in metres over a few kilometres: equirectangular around the middle latitude. */
export function metres(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const dx = (lon2 - lon1) * Math.cos((((lat1 + lat2) / 2) * Math.PI) / 180)
  return Math.hypot(dx, lat2 - lat1) * METRES_PER_DEGREE
}

/** Of each cell, the distance in metres from its centre to the nearest point; Infinity without points. */
export function nearest(lon: number[], lat: number[], points: { lon: number; lat: number }[]): number[] {
  return lon.map((x, i) => points.reduce((least, p) => Math.min(least, metres(x, lat[i]!, p.lon, p.lat)), Infinity))
}

/** A group of residents: its figures by cell. */
export interface Group { id: string; name: string; unit: string; frame: Frame }

export interface Share { id: string; name: string; unit: string; far: Estimate; whole: Estimate; estimated: number }

/**
 * How many of a group live further than the limit, in metres. Somebody may live anywhere in the cell: the ends are those
 * for which every distance is shorter, or longer, by half its diagonal.
 */
export function farFrom(group: Group, distance: number[], limit: number, half: number, inside: (i: number) => boolean = () => true): Share {
  let [far, sure, maybe, whole, estimated] = [0, 0, 0, 0, 0]
  group.frame.value.forEach((_, i) => {
    const f = figure(group.frame, i)
    if (f.value === null || !inside(i)) return
    whole += f.value
    if (f.flag === ESTIMATED) estimated += f.value
    if (distance[i]! > limit) far += f.value
    if (distance[i]! > limit + half) sure += f.value
    if (distance[i]! > limit - half) maybe += f.value
  })
  return { id: group.id, name: group.name, unit: group.unit, far: { value: far, lo: sure, hi: maybe }, whole: { value: whole, lo: whole, hi: whole }, estimated: whole > 0 ? estimated / whole : 0 }
}

/** "1 km", "500 m". */
export const distanceWords = (m: number, lang: Lang): string => (m >= 1000 ? `${number(m / 1000, lang, m % 1000 ? 1 : 0)}\u00a0km` : `${number(m, lang)}\u00a0m`)

const outward = (e: Estimate): [number, number] => {
  const s = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, (e.hi! - e.lo!) / 2))))
  return [Math.floor(e.lo! / s) * s, Math.ceil(e.hi! / s) * s]
}

/** Who lives far, in a sentence. */
export function accessSentence(s: Share, about_: { place: string; need: string; limit: number }, lang: Lang): string {
  const fr = lang === 'fr'
  const limit = distanceWords(about_.limit, lang)
  if (s.whole.value === 0) return fr ? `Aucun chiffre d’habitants n’est publié ${about_.place}.` : `No figure of residents is published ${about_.place}.`
  if (s.far.hi === 0) return fr ? `${s.name}, ${about_.place} : tous ceux qui sont comptés (${number(s.whole.value, lang)} ${s.unit}) ont au moins un lieu du domaine « ${about_.need} » à moins de ${limit} à vol d’oiseau.` : `${s.name}, ${about_.place}: everybody counted (${number(s.whole.value, lang)} ${s.unit}) has at least one place of the family “${about_.need}” within ${limit} as the crow flies.`
  const [lo, hi] = outward(s.far)
  const part = shareWords(s.far, s.whole, lang)
  const count = lo === hi ? number(lo, lang) : fr ? `entre ${number(lo, lang)} et ${number(hi, lang)}` : `between ${number(lo, lang)} and ${number(hi, lang)}`
  return fr ? `${s.name}, ${about_.place} : ${count} ${s.unit} sur ${number(s.whole.value, lang)} (${part}) sont à plus de ${limit} à vol d’oiseau d’un lieu du domaine « ${about_.need} ».`
    : `${s.name}, ${about_.place}: ${count} ${s.unit} of ${number(s.whole.value, lang)} (${part}) are more than ${limit} as the crow flies from a place of the family “${about_.need}”.`
}

/** Which group lives far most often, only if its share stands apart from those of the others. */
export function worstOff(groups: Share[], lang: Lang): string {
  const shares = groups.filter((g) => g.whole.value > 0).map((g) => ({ g, e: { value: g.far.value / g.whole.value, lo: (g.far.lo ?? g.far.value) / g.whole.value, hi: (g.far.hi ?? g.far.value) / g.whole.value } }))
  if (shares.length < 2) return ''
  const first = highest(shares, (s) => s.e)
  const fr = lang === 'fr'
  if (first.length > 1) return fr ? 'Aucun groupe n’est nettement plus éloigné que les autres.' : 'No group is clearly further away than the others.'
  return fr ? `Le groupe le plus souvent éloigné : ${first[0]!.g.name}, ${shareWords(first[0]!.g.far, first[0]!.g.whole, lang)}.` : `The group most often far away: ${first[0]!.g.name}, ${shareWords(first[0]!.g.far, first[0]!.g.whole, lang)}.`
}

/** How many of a group are in a place, with what its border leaves open and what is missing. */
export function exposed(c: Composed, unit: string, lang: Lang): string {
  const fr = lang === 'fr'
  if (c.value === null) return fr ? 'aucun chiffre publié ici.' : 'no figure is published here.'
  const missing = c.notPublished + c.noData
  const v = number(c.value, lang)
  const tail = missing ? (fr ? ` ; ${number(missing, lang)} carreaux sans chiffre` : `; ${number(missing, lang)} squares without a figure`) : ''
  if (c.lo === null || c.hi === null || c.lo === c.hi) return `${v} ${unit}${tail}.`
  const [lo, hi] = outward({ value: c.value, lo: c.lo, hi: c.hi })
  return fr ? `entre ${number(lo, lang)} et ${number(hi, lang)} ${unit}${tail}.` : `between ${number(lo, lang)} and ${number(hi, lang)} ${unit}${tail}.`
}
