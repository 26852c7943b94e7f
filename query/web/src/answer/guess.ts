/** "Guess before you see": how far a guess is from the released figures, in a kind plain sentence. Nothing is kept or sent. */
import { NO_DATA, NOT_PUBLISHED } from '../flag'
import { figure, type Profile } from '../frame'
import { number } from '../number'
import { hourWords, slotBrief, spanOf } from '../slot'
import type { Lang } from '../words'
import { list, type Estimate } from './estimate'

/** A guessed value of one moment beside what is published. */
export interface Guessed { slot: string; guess: number; at: Estimate }

/** Moments that have a figure, with the guess of each. */
export function compared(profile: Profile, slots: string[], guess: number[]): Guessed[] {
  return slots.flatMap((slot, k): Guessed[] => {
    const f = figure(profile, profile.slots.indexOf(slot))
    return f.value === null || f.flag === NOT_PUBLISHED || f.flag === NO_DATA ? [] : [{ slot, guess: guess[k] ?? 0, at: { value: f.value, lo: f.lo, hi: f.hi } }]
  })
}

/** Without an interval, a guess within a twentieth of the largest figure is as good as the figure. */
const CLOSE = 0.05

/** A guess inside the interval is right: the figure itself is not known better. */
export function right(g: Guessed, most: number): boolean {
  if (g.at.lo !== null && g.at.hi !== null) return g.guess >= g.at.lo && g.guess <= g.at.hi
  return Math.abs(g.guess - g.at.value) <= CLOSE * most
}

const peak = <T>(all: T[], of: (x: T) => number): T => all.reduce((a, b) => (of(b) > of(a) ? b : a))

/** The hours where the day is known from the page, the moment otherwise. */
const when = (slot: string, lang: Lang): string => { const at = spanOf(slot); return at ? hourWords(at.from, lang, at.to) : slotBrief(slot, lang) }

/** How the guessed curve compares, in a few sentences. */
export function curveSentence(all: Guessed[], lang: Lang): string {
  const fr = lang === 'fr'
  if (all.length === 0) return fr ? 'Aucun chiffre n’est publié ici : votre dessin est la seule courbe.' : 'No figure is published here: your drawing is the only curve.'
  const most = Math.max(...all.map((g) => g.at.value))
  const margins = all.every((g) => g.at.lo !== null && g.at.hi !== null)
  const near = margins ? (fr ? 'dans la marge d’erreur' : 'within the margin of error') : fr ? 'à un vingtième près' : 'within a twentieth'
  const hits = all.filter((g) => right(g, most)).length
  const n = (v: number) => number(v, lang)
  const said: string[] = []
  if (hits === all.length) said.push(fr ? `Tout juste : à chaque moment, ${near}.` : `All right: at every moment, ${near}.`)
  else if (hits === 0) said.push(fr ? `Aucun de vos ${all.length} moments n’est juste ${near} : l’exercice est difficile, et c’est ainsi qu’on apprend.` : `None of your ${all.length} moments is right ${near}: it is hard, and that is how one learns.`)
  else said.push(fr ? `${n(hits)} ${hits > 1 ? 'moments' : 'moment'} sur ${all.length} ${hits > 1 ? 'tombent' : 'tombe'} juste, ${near}.` : `${n(hits)} of ${all.length} moments ${hits > 1 ? 'are' : 'is'} right, ${near}.`)
  const [mine, theirs] = [peak(all, (g) => g.guess), peak(all, (g) => g.at.value)]
  const floor = theirs.at.lo ?? theirs.at.value
  const level = (mine.at.hi ?? mine.at.value) >= floor
  if (mine.guess > 0) {
    if (level) said.push(fr ? `Vous avez bien vu le moment le plus fréquenté : ${when(mine.slot, lang)}.` : `You saw the busiest moment: ${when(mine.slot, lang)}.`)
    else said.push(fr ? `Vous attendiez le plus de monde à « ${when(mine.slot, lang)} » ; le maximum publié est à « ${when(theirs.slot, lang)} ».` : `You expected most people at ${when(mine.slot, lang)}; the highest published figure is at ${when(theirs.slot, lang)}.`)
  }
  const outside = (g: Guessed) => (right(g, most) ? 0 : Math.min(Math.abs(g.guess - (g.at.lo ?? g.at.value)), Math.abs(g.guess - (g.at.hi ?? g.at.value))))
  const worst = peak(all, outside)
  if (outside(worst) > 0) {
    const over = worst.guess > worst.at.value
    said.push(fr ? `L’écart le plus grand : ${when(worst.slot, lang)}, où vous aviez dessiné ${n(worst.guess)} et où le chiffre publié est ${n(worst.at.value)}, ${over ? 'moins' : 'plus'} que vous ne pensiez.`
      : `The largest gap: ${when(worst.slot, lang)}, where you drew ${n(worst.guess)} and the published figure is ${n(worst.at.value)}, ${over ? 'less' : 'more'} than you thought.`)
  }
  return said.join(' ')
}

export interface Ranked { name: string; at: Estimate }

/** Whether a may stand before b: its interval reaches up to b's. */
const mayPrecede = (a: Estimate, b: Estimate): boolean => (a.hi ?? a.value) >= (b.lo ?? b.value)

/** Of an order, the pairs that the figures contradict: the later one is surely higher. */
export function wrongPairs(order: Ranked[]): [Ranked, Ranked][] {
  return order.flatMap((a, i) => order.slice(i + 1).flatMap((b): [Ranked, Ranked][] => (mayPrecede(a.at, b.at) ? [] : [[a, b]])))
}

/** How the guessed order compares. Places that cannot be told apart may stand in any order. */
export function rankSentence(order: Ranked[], lang: Lang): string {
  const fr = lang === 'fr'
  const wrong = wrongPairs(order)
  const pairs = (order.length * (order.length - 1)) / 2
  const level = order.flatMap((a, i) => order.slice(i + 1).filter((b) => mayPrecede(a.at, b.at) && mayPrecede(b.at, a.at)).map((b) => [a, b] as const))
  const names = level[0]?.map((x) => x.name)
  const tie = !names ? '' : fr ? ` ${list([...names], lang)} ne peuvent pas être départagés : les deux ordres sont justes.` : ` ${list([...names], lang)} cannot be told apart: both orders are right.`
  if (wrong.length === 0) return (fr ? 'Tout juste : rien dans les chiffres ne contredit votre ordre.' : 'All right: nothing in the figures contradicts your order.') + tie
  const [low, high] = wrong.reduce((a, b) => (b[1].at.value - b[0].at.value > a[1].at.value - a[0].at.value ? b : a))
  const good = pairs - wrong.length
  return (fr ? `${good} comparaison${good > 1 ? 's' : ''} sur ${pairs} ${good > 1 ? 'sont justes' : 'est juste'}. La plus grande surprise : ${high.name} passe devant ${low.name}.`
    : `${good} of ${pairs} comparisons ${good === 1 ? 'is' : 'are'} right. The greatest surprise: ${high.name} comes before ${low.name}.`) + tie
}
