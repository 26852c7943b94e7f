/** The figure of a drawn area in words: what it is, what it is made of, and what it leaves out. */
import type { Composed, Cover } from '../area/figure'
import { NOT_PUBLISHED } from '../flag'
import { area, number, withUnit } from '../number'
import type { Lang } from '../words'
import { known, rounded, step } from './estimate'

export interface Said { unit: string; decimals: number; when: string; /** What the zones are, in the plural. */ zones: string; overlap: boolean }

/** The figure, with the bounds that its crossed zones and margins leave. */
export function areaSentence(c: Composed, cover: Cover, { unit, decimals, when }: Said, lang: Lang): string {
  const fr = lang === 'fr'
  const head = `${fr ? 'Dans votre zone' : 'In your area'}${cover.area > 0 ? ` (${area(cover.area, lang)})` : ''}${when ? `, ${when}` : ''}`
  if (c.value === null) {
    const why = cover.inside.length + cover.crossed.length === 0 ? (fr ? 'aucune zone du sujet ne s’y trouve' : 'no zone of the subject lies in it')
      : c.flag === NOT_PUBLISHED ? (fr ? 'aucun chiffre n’y est publié' : 'no figure is published in it') : fr ? 'rien n’y a été mesuré' : 'nothing was measured in it'
    return fr ? `${head} : pas de chiffre, ${why}. Ce n’est pas un zéro.` : `${head}: no figure, ${why}. This is not a zero.`
  }
  const missing = c.notPublished + c.noData
  if (missing > 0) {
    const v = withUnit(c.value, unit, lang, decimals)
    return fr ? `${head} : ${v} dans ce qui est publié. ${number(missing, lang)} ${missing > 1 ? 'zones manquent' : 'zone manque'} : le total n’est pas connu.` : `${head}: ${v} in what is published. ${number(missing, lang)} ${missing > 1 ? 'zones are' : 'zone is'} missing: the total is not known.`
  }
  const e = { value: c.value, lo: c.lo, hi: c.hi }
  if (!known(e) || e.lo === e.hi) return `${head}${fr ? ' : ' : ': '}${withUnit(c.value, unit, lang, decimals)}.`
  const r = rounded(e, decimals)
  const places = Math.max(0, decimals - Math.max(0, Math.floor(Math.log10(step(e, decimals) * 10 ** decimals))))
  const n = (v: number) => number(v, lang, places)
  return fr ? `${head} : environ ${withUnit(r.value, unit, lang, places)}, entre ${n(r.lo)} et ${n(r.hi)}.` : `${head}: about ${withUnit(r.value, unit, lang, places)}, between ${n(r.lo)} and ${n(r.hi)}.`
}

/** How it was made. */
export function areaLines(c: Composed, cover: Cover, said: Said, lang: Lang): string[] {
  const fr = lang === 'fr'
  const { unit, decimals, overlap } = said
  const n = (v: number) => number(v, lang)
  const out: string[] = []
  if (c.wholes) out.push(fr ? `${n(c.wholes)} ${c.wholes > 1 ? 'zones entières comptent' : 'zone entière compte'} pour ${withUnit(c.whole, unit, lang, decimals)}.` : `${n(c.wholes)} whole ${c.wholes > 1 ? 'zones count' : 'zone counts'} for ${withUnit(c.whole, unit, lang, decimals)}.`)
  if (cover.crossed.length) {
    out.push(fr ? `${n(cover.crossed.length)} ${cover.crossed.length > 1 ? 'zones sont coupées et comptent' : 'zone est coupée et compte'} selon la part de leur surface, comme si tout y était réparti également. En vérité ce peut être rien ou tout : l’intervalle va jusque-là.`
      : `${n(cover.crossed.length)} ${cover.crossed.length > 1 ? 'zones are cut and count' : 'zone is cut and counts'} by the share of their area, as if all were spread evenly in them. In truth it may be nothing or everything: the interval goes that far.`)
  }
  if (c.notPublished) out.push(fr ? `${n(c.notPublished)} non ${c.notPublished > 1 ? 'publiées' : 'publiée'} : on ne sait rien de ce qu’${c.notPublished > 1 ? 'elles ajouteraient' : 'elle ajouterait'}.` : `${n(c.notPublished)} not published: what ${c.notPublished > 1 ? 'they' : 'it'} would add is not known.`)
  if (c.noData) out.push(fr ? `${n(c.noData)} sans mesure.` : `${n(c.noData)} without a measurement.`)
  if (overlap) out.push(fr ? 'Qui était dans plusieurs zones y compte plusieurs fois.' : 'Whoever was in several zones counts several times.')
  out.push(fr ? 'Fait dans votre navigateur avec les chiffres publiés ; votre zone n’est envoyée nulle part.' : 'Made in your browser from the published figures; your area is sent nowhere.')
  return out
}

/** Whether the figures of zones may be added up, or why not. */
export const addsUp = (measure: { mean?: boolean; unit: { fr: string } }): boolean => !measure.mean && !measure.unit.fr.startsWith('%')
