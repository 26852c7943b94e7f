import { describe, expect, test } from 'vitest'
import { accessSentence, farFrom, metres, nearest, worstOff, type Group } from '../../src/answer/access'
import { changeOf, changes, changeSentence, differenceWords, elsewhere, falseAlarms, tallyOf, tallySentence } from '../../src/answer/change'
import { about, difference, highest, lowest, rounded, shareWords, sum, unusual, verdict, type Estimate } from '../../src/answer/estimate'
import { flowAnswer, modeWords } from '../../src/answer/flows'
import { comparison, passage } from '../../src/answer/passage'
import { citation, grade, margin, rejectedShare, trustSentence } from '../../src/answer/trust'
import { NO_DATA, NOT_PUBLISHED, PARTIAL } from '../../src/flag'
import { partners, type FlowRows } from '../../src/flow'
import type { Profile } from '../../src/frame'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
const e = (value: number, half?: number): Estimate => ({ value, lo: half === undefined ? null : value - half, hi: half === undefined ? null : value + half })
const f = (value: number | null, half = 0, flag = 0) => ({ value, lo: value === null ? null : value - half, hi: value === null ? null : value + half, flag })

/** A repeatable stream of numbers in [0, 1). */
function* random(seed: number): Generator<number> {
  for (let s = seed; ;) { s = (s * 1664525 + 1013904223) % 2 ** 32; yield s / 2 ** 32 }
}

describe('figures with their intervals', () => {
  test('a difference is as uncertain as both, each end by its own side', () => {
    expect(difference({ value: 100, lo: 97, hi: 110 }, { value: 130, lo: 126, hi: 135 })).toEqual({ value: 30, lo: 30 - Math.hypot(4, 10), hi: 30 + Math.hypot(5, 3) })
    expect(difference(e(1), e(2, 1))).toEqual({ value: 1, lo: null, hi: null })
  })
  test('the verdict is change only when zero is outside: zero at the very edge is not', () => {
    expect(verdict({ value: 5, lo: 0.001, hi: 10 })).toBe('change')
    expect(verdict({ value: 5, lo: 0, hi: 10 })).toBe('noise')
    expect(verdict({ value: -5, lo: -10, hi: -0.001 })).toBe('change')
    expect(verdict({ value: -5, lo: -10, hi: 0 })).toBe('noise')
    expect(verdict(e(5))).toBe('unknown')
  })
  test('intervals are never written narrower than they are', () => {
    const next = random(7)
    for (let k = 0; k < 3000; k++) {
      const value = next.next().value * 10 ** (1 + 4 * next.next().value)
      const x = { value, lo: value - next.next().value * value * 0.5, hi: value + next.next().value * value * 0.5 }
      const r = rounded(x)
      expect(r.lo).toBeLessThanOrEqual(x.lo + 1e-6)
      expect(r.hi).toBeGreaterThanOrEqual(x.hi - 1e-6)
      expect(r.value).toBeGreaterThanOrEqual(r.lo)
      expect(r.value).toBeLessThanOrEqual(r.hi)
    }
  })
  test('a figure is written to the step that its margin is worth', () => {
    expect(plain(about({ value: 2479, lo: 2391, hi: 2564 }, 'personnes', 'fr'))).toBe('environ 2 480 personnes (entre 2 390 et 2 570 à 95 %)')
    expect(plain(about({ value: 994, lo: 981, hi: 1007 }, 'people', 'en'))).toBe('about 990 people (between 980 and 1,010 at 95%)')
    expect(plain(about(e(2967), 'personnes', 'fr'))).toBe('2 967 personnes')
  })
  test('the highest stands alone only if no other interval reaches it', () => {
    const of = (x: Estimate) => x
    expect(highest([e(100, 5), e(89, 5), e(50, 5)], of)).toHaveLength(1)
    expect(highest([e(100, 5), e(90, 5), e(50, 5)], of)).toHaveLength(2)
    expect(lowest([e(100, 5), e(12, 2), e(8, 2)], of).map((x) => x.value)).toEqual([8, 12])
    expect(highest([e(7), e(7), e(6)], of)).toHaveLength(2)
    expect(highest([], of)).toEqual([])
  })
  test('sums add their ends, and lose them when one part has none', () => {
    expect(sum([e(10, 1), e(20, 2)])).toEqual({ value: 30, lo: 27, hi: 33 })
    expect(sum([e(10, 1), e(20)])).toEqual({ value: 30, lo: null, hi: null })
  })
  test('a share is rounded outwards and stays between 0 and 100', () => {
    expect(shareWords(e(30, 3), e(100, 10), 'en')).toBe('between 24 and 37%')
    expect(plain(shareWords(e(30), e(100), 'fr'))).toBe('30 %')
    expect(shareWords(e(99, 5), e(100, 5), 'en')).toBe('between 89 and 100%')
  })
  test('days out of the ordinary are far from the median; ordinary spread is not', () => {
    const days = [50, 52, 48, 51, 49, 50, 53, 47, 50, 51, 120]
    expect(unusual(days, (d) => d)).toEqual([120])
    expect(unusual(days.slice(0, 10), (d) => d)).toEqual([])
    expect(unusual([1, 2, 300], (d) => d)).toEqual([])
  })
})

describe('who passes here, and when', () => {
  const week = (values: (number | null)[], half: number | undefined, flag = 0): Profile => ({
    slots: values.map((_, k) => `weekday-${String(k).padStart(2, '0')}`), value: values, flag: values.map((v) => (v === null ? NOT_PUBLISHED : flag)),
    ...(half === undefined ? {} : { lo: values.map((v) => (v === null ? null : v - half)), hi: values.map((v) => (v === null ? null : v + half)) }),
  })
  const here = { name: 'Bourg', unit: 'personnes', decimals: 0 }
  test('names one moment when it stands apart', () => {
    expect(plain(passage(week([10, 200, 90], 20), 'hour', here, 'fr').sentence)).toBe('À Bourg, le moment le plus fréquenté est « semaine, 1 h – 2 h » : environ 200 personnes (entre 180 et 220 à 95 %).')
  })
  test('names all that cannot be told apart, just within and just beyond the edge', () => {
    expect(passage(week([10, 200, 160], 20), 'hour', here, 'fr').busiest).toHaveLength(2)
    expect(passage(week([10, 200, 159], 20), 'hour', here, 'fr').busiest).toHaveLength(1)
    expect(passage(week([10, 200, 160], 20), 'hour', here, 'en').sentence).toMatch(/or .*they cannot be told apart/)
  })
  test('claims nothing where all intervals meet', () => {
    expect(passage(week([100, 105, 98], 20), 'hour', here, 'en').sentence).toMatch(/no moment clearly stands out/)
  })
  test('says that there is no margin where the source gives none, and counts what is withheld', () => {
    const found = passage(week([null, 200, 90], undefined), 'hour', here, 'fr')
    expect(found.sentence).toContain('ne donne pas de marge d’erreur')
    expect(found.withheld).toBe(1)
    expect(passage(week([null, null], 5), 'hour', here, 'fr').sentence).toContain('Aucun chiffre')
  })
  test('never calls different people an average', () => {
    const said = passage(week([10, 200, 90], 20), 'hour', { ...here, counted: { class: 'C', unit: 'person', period: '2025-11' } }, 'fr').sentence
    expect(said).toContain('personnes différentes')
    expect(said).not.toMatch(/moyen/)
  })
})

describe('two places at one moment', () => {
  const at = { when: 'Saturday', unit: 'people', decimals: 0 }
  test('one has more only if the interval of the difference says so', () => {
    expect(comparison({ name: 'A', at: e(100, 10) }, { name: 'B', at: e(120, 10) }, at, 'en')).toMatch(/more in B/)
    expect(comparison({ name: 'A', at: e(100, 10) }, { name: 'B', at: e(110, 10) }, at, 'en')).toMatch(/cannot be told apart/)
    expect(comparison({ name: 'A', at: e(100) }, { name: 'B', at: e(300) }, at, 'en')).toMatch(/Without a margin/)
    expect(comparison({ name: 'A' }, { name: 'B', at: e(300, 1) }, at, 'fr')).toMatch(/on ne peut pas comparer/)
  })
})

describe('where people come from', () => {
  const rows = (values: number[], half?: number): FlowRows => ({ origin: values.map((_, k) => k + 1), destination: values.map(() => 0), value: values, flag: values.map(() => 0), ...(half === undefined ? {} : { lo: values.map((v) => v - half), hi: values.map((v) => v + half) }) })
  const name = (z: number) => `Z${z}`
  const to = { place: 'Bourg', unit: 'people', decimals: 0, direction: 'to' as const, overlap: false }
  test('names the first origin only if it stands apart', () => {
    expect(plain(flowAnswer(partners(rows([500, 300, 100], 50), 0, 'to'), name, to, 'en').sentence)).toMatch(/first origin is Z1: about 500 people/)
    expect(flowAnswer(partners(rows([500, 401, 100], 50), 0, 'to'), name, to, 'en').sentence).toMatch(/not to be told apart: Z1 and Z2/)
    expect(flowAnswer(partners(rows([500, 490, 480, 470], 50), 0, 'to'), name, to, 'en').sentence).toMatch(/No origin stands out: 4 are level/)
  })
  test('does not add up people who may be in several journeys', () => {
    const said = flowAnswer(partners(rows([500, 300], 50), 0, 'to'), name, { ...to, overlap: true }, 'en')
    expect(said.total).toBeUndefined()
    expect(said.sentence).not.toMatch(/total|800/)
    expect(flowAnswer(partners(rows([500, 300], 50), 0, 'to'), name, to, 'en').total).toEqual({ value: 800, lo: 700, hi: 900 })
  })
  test('says so when nothing is published, and when there is no margin', () => {
    expect(flowAnswer(partners(rows([]), 0, 'to'), name, to, 'fr').sentence).toContain('n’est publié')
    expect(flowAnswer(partners(rows([5, 3]), 0, 'to'), name, to, 'en').sentence).toContain('no margin of error')
  })
  test('modes are ranked only as far as they can be', () => {
    const mode = (id: string, v: number, half: number) => ({ id, name: id, at: e(v, half) })
    expect(modeWords([mode('car', 100, 10), mode('bus', 70, 10)], 'people', 'en')).toMatch(/most used mode is car/)
    expect(modeWords([mode('car', 100, 10), mode('bus', 80, 10)], 'people', 'en')).toMatch(/not to be told apart: car and bus/)
  })
})

describe('what really changed', () => {
  const said = { name: 'Pont', from: 'mars', to: 'mai', unit: 'vélos', decimals: 0 }
  test('a change, chance and not enough data are three different sentences', () => {
    expect(changeSentence(changeOf(0, f(100, 10), f(140, 10)), said, 'fr')).toMatch(/il y a bien une hausse/)
    expect(changeSentence(changeOf(0, f(140, 10), f(100, 10)), said, 'en')).toMatch(/there is a fall/)
    expect(changeSentence(changeOf(0, f(100, 10), f(110, 10)), said, 'fr')).toMatch(/ne peut pas parler de changement.*marge d’erreur/)
    expect(changeSentence(changeOf(0, f(null, 0, NOT_PUBLISHED), f(110, 10)), said, 'fr')).toMatch(/un des deux chiffres n’est pas publié/)
    expect(changeSentence(changeOf(0, f(100, 10, PARTIAL), f(200, 10)), said, 'en')).toMatch(/only partly measured/)
    expect(changeSentence(changeOf(0, f(null, 0, NO_DATA), f(200, 10)), said, 'en')).toMatch(/nothing was measured/)
    expect(changeSentence(changeOf(0, { ...f(100), lo: null, hi: null }, f(200, 10)), said, 'en')).toMatch(/no margin of error/)
  })
  test('at the border of the interval the sentence does not claim', () => {
    const edge = Math.hypot(10, 10)
    expect(changeOf(0, f(100, 10), f(100 + edge, 10)).verdict).toBe('noise')
    expect(changeOf(0, f(100, 10), f(100 + edge + 0.01, 10)).verdict).toBe('change')
  })
  test('equal truths are called changed about 5 times in 100, not more', () => {
    const next = random(11)
    const normal = () => Math.sqrt(-2 * Math.log(1 - next.next().value)) * Math.cos(2 * Math.PI * next.next().value)
    const n = 20_000
    let alarms = 0
    for (let k = 0; k < n; k++) if (changeOf(0, f(500 + 10 * normal(), 19.6), f(500 + 10 * normal(), 19.6)).verdict === 'change') alarms++
    expect(alarms / n).toBeGreaterThan(0.04)
    expect(alarms / n).toBeLessThan(0.06)
  })
  test('the sentence of all places counts each once', () => {
    const frame = (values: (number | null)[]) => ({ value: values, lo: values.map((v) => v === null ? null : v - 5), hi: values.map((v) => v === null ? null : v + 5), flag: values.map((v) => (v === null ? NOT_PUBLISHED : 0)) })
    const list = changes(frame([100, 100, 100, null]), frame([150, 50, 103, 20]))
    expect(tallyOf(list)).toEqual({ up: 1, down: 1, noise: 1, unknown: 1, of: 4 })
    expect(tallySentence(tallyOf(list), 'mars', 'mai', 'fr')).toBe('Entre mars et mai, sur 4 lieux : 1 en hausse, 1 en baisse, 1 dans la marge d’erreur, 1 sans assez de données.')
    expect(falseAlarms(tallyOf(list))).toBe(1)
    expect(tallySentence({ up: 0, down: 0, noise: 0, unknown: 2, of: 2 }, 'a', 'b', 'en')).toMatch(/not enough data/)
    expect(elsewhere(list, 0)).toBeUndefined()
    expect(elsewhere(changes(frame([100, 100, 100, 100]), frame([150, 110, 120, 130])), 0)).toBe(20)
  })
  test('differences are signed with a true minus', () => {
    expect(plain(differenceWords({ value: -42, lo: -60, hi: -24 }, 'vélos', 'fr', 0))).toBe('−40 vélos (entre −60 et −20 à 95 %)')
  })
})

describe('who has nothing near', () => {
  const cellsAt = [0, 0.01, 0.02, 0.03]
  const group = (value: (number | null)[], name = 'residents'): Group => ({ id: name, name, unit: 'residents', frame: { value, flag: value.map((v) => (v === null ? NOT_PUBLISHED : 0)) } })
  test('distances agree with a hundredth of a degree on the ground', () => {
    expect(metres(0, 0, 0.01, 0)).toBeCloseTo(1112, 0)
    expect(metres(1.5, 43.5, 1.51, 43.5)).toBeCloseTo(1112 * Math.cos((43.5 * Math.PI) / 180), 0)
    expect(nearest([0], [0], [])).toEqual([Infinity])
  })
  const distance = nearest(cellsAt, [0, 0, 0, 0], [{ lon: 0, lat: 0 }])
  test('who lives beyond is counted between what is sure and what may be', () => {
    const s = farFrom(group([10, 20, 30, 40]), distance, 1112 * 2, 141)
    expect(s.far).toEqual({ value: 40, lo: 40, hi: 70 })
    expect(s.whole.value).toBe(100)
    expect(plain(accessSentence(s, { place: 'in the territory', need: 'Shops', limit: 2224 }, 'en'))).toContain('between 40 and 70 residents of 100 (between 40 and 70%)')
  })
  test('says nobody only when nobody may be beyond', () => {
    expect(accessSentence(farFrom(group([10, 20, 30, 40]), distance, 5000, 141), { place: 'here', need: 'Shops', limit: 5000 }, 'en')).toContain('everybody counted')
    expect(accessSentence(farFrom(group([10, 20, 30, 40]), distance, 3400, 141), { place: 'here', need: 'Shops', limit: 3400 }, 'en')).toContain('between 0 and 40')
    expect(accessSentence(farFrom(group([null, null, null, null]), distance, 500, 141), { place: 'here', need: 'Shops', limit: 500 }, 'en')).toContain('No figure')
  })
  test('a group is called furthest only if its share stands apart', () => {
    const near = farFrom(group([90, 5, 3, 2], 'young'), distance, 2000, 100)
    const far = farFrom(group([1, 2, 30, 60], 'old'), distance, 2000, 100)
    expect(worstOff([near, far], 'en')).toMatch(/most often far away: old/)
    expect(worstOff([far, { ...far, id: 'same', name: 'same' }], 'en')).toMatch(/No group is clearly/)
    expect(worstOff([far], 'en')).toBe('')
  })
  test('is restricted to a place', () => expect(farFrom(group([10, 20, 30, 40]), distance, 500, 10, (i) => i < 2).whole.value).toBe(30))
})

describe('can I trust this figure', () => {
  const m = { name: 'Bourg', when: 'samedi', measure: { decimals: 0 }, unit: 'personnes' }
  test('the grade follows the margin, and is never better without one', () => {
    expect(grade(f(100, 10))).toBe('precise')
    expect(grade(f(100, 10.1))).toBe('order')
    expect(grade(f(100, 31))).toBe('weak')
    expect(grade({ ...f(100), lo: null, hi: null })).toBe('unsure')
    expect(grade(f(100, 1, PARTIAL))).toBe('unsure')
    expect(grade(f(null, 0, NOT_PUBLISHED))).toBe('none')
    expect(margin(f(100, 10.1))).toBe(11)
  })
  test('what is not published must not be quoted as zero', () => {
    expect(trustSentence(f(null, 0, NOT_PUBLISHED), m, 'fr')).toMatch(/pas publié.*pas comme un zéro/)
    expect(trustSentence(f(100, 40), m, 'fr')).toMatch(/ne suffit pas/)
    expect(trustSentence(f(100, 5), { ...m, bias: 'Beware.' }, 'en')).toMatch(/at most 5%.*Beware\.$/)
  })
  test('the citation holds source, vintage, licence and release', () => {
    const said = citation({ measure: 'Présents', name: 'Bourg', when: 'samedi', value: '100', producer: 'INSEE', licence: 'LO 2.0', vintage: '2025', territory: 'T', release: 'r1', synthetic: true }, 'fr')
    for (const part of ['INSEE', 'LO 2.0', '2025', 'r1', 'fictives']) expect(said).toContain(part)
  })
  test('rows of protected sources are not told', () => {
    expect(rejectedShare({ protected: true, read: 10, rejected: [] } as never)).toBeUndefined()
    expect(rejectedShare({ read: 200, rejected: [{ code: 'a', count: 3 }] } as never)).toBe(1.5)
  })
})
