import { describe, expect, test } from 'vitest'
import { compared, curveSentence, rankSentence, right, wrongPairs, type Ranked } from '../../src/answer/guess'
import type { Profile } from '../../src/frame'

const slots = ['weekday-08', 'weekday-12', 'weekday-18']
const profile = (value: (number | null)[], half: number | null, flag = value.map(() => 0)): Profile => ({
  slots, value, flag, ...(half !== null && { lo: value.map((v) => (v === null ? null : v - half)), hi: value.map((v) => (v === null ? null : v + half)) }),
})

describe('a guessed curve', () => {
  test('inside the interval is right, also exactly on its end, and just outside is not', () => {
    const all = (guess: number[]) => compared(profile([100, 200, 300], 10), slots, guess).map((g) => right(g, 300))
    expect(all([90, 210, 311])).toEqual([true, true, false])
  })
  test('without an interval, within a twentieth of the largest', () => {
    expect(compared(profile([100, 200, 300], null), slots, [115, 216, 300]).map((g) => right(g, 300))).toEqual([true, false, true])
  })
  test('moments that are not published are not judged', () => {
    expect(compared(profile([100, null, 300], 10, [0, 2, 0]), slots, [100, 5, 300]).map((g) => g.slot)).toEqual(['weekday-08', 'weekday-18'])
    expect(curveSentence(compared(profile([null, null, null], 1, [2, 2, 2]), slots, [1, 2, 3]), 'en')).toContain('No figure is published')
  })
  test('all right, some right, none right', () => {
    expect(curveSentence(compared(profile([100, 200, 300], 10), slots, [100, 200, 300]), 'fr')).toContain('Tout juste')
    expect(curveSentence(compared(profile([100, 200, 300], 10), slots, [100, 0, 0]), 'en')).toContain('1 of 3 moments is right, within the margin of error')
    expect(curveSentence(compared(profile([100, 200, 300], 10), slots, [0, 0, 0]), 'fr')).toContain('Aucun de vos 3 moments')
  })
  test('a peak that the intervals cannot tell from the highest is right', () => {
    const p = profile([100, 295, 300], 10)
    expect(curveSentence(compared(p, slots, [10, 290, 20]), 'fr')).toContain('Vous avez bien vu le moment le plus fréquenté')
    expect(curveSentence(compared(p, slots, [400, 10, 10]), 'en')).toContain('You expected most people at')
  })
  test('the largest gap is said with its direction, and no margin is claimed where there is none', () => {
    const said = curveSentence(compared(profile([100, 200, 300], null), slots, [100, 200, 900]), 'en')
    expect(said).toContain('you drew 900 and the published figure is 300, less than you thought')
    expect(said).not.toContain('margin of error')
  })
})

describe('a guessed order', () => {
  const of = (name: string, value: number, half: number | null = 10): Ranked => ({ name, at: { value, lo: half === null ? null : value - half, hi: half === null ? null : value + half } })
  test('intervals that touch allow both orders; apart, one', () => {
    expect(wrongPairs([of('b', 100), of('a', 120)])).toEqual([])
    expect(wrongPairs([of('b', 100), of('a', 121)])).toHaveLength(1)
    expect(wrongPairs([of('a', 121), of('b', 100)])).toEqual([])
  })
  test('unknown intervals are taken as exact', () => expect(wrongPairs([of('b', 100, null), of('a', 101, null)])).toHaveLength(1))
  test('the sentence counts, names the surprise and the ties', () => {
    const said = rankSentence([of('c', 10), of('a', 300), of('b', 295)], 'en')
    expect(said).toContain('1 of 3 comparisons is right')
    expect(said).toContain('a comes before c')
    expect(said).toContain('a and b cannot be told apart')
    expect(rankSentence([of('a', 300), of('c', 10)], 'fr')).toContain('Tout juste')
  })
})
