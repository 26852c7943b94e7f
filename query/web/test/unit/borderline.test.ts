/** The plain sentences with figures made to be borderline: they never claim more than the intervals allow. */
import { describe, expect, test } from 'vitest'
import { accessSentence, worstOff, type Share } from '../../src/answer/access'
import { changeOf, changeSentence } from '../../src/answer/change'
import { about, type Estimate } from '../../src/answer/estimate'
import { flowAnswer } from '../../src/answer/flows'
import { comparison, passage } from '../../src/answer/passage'
import { trustSentence } from '../../src/answer/trust'
import type { Partner } from '../../src/flow'
import type { Profile } from '../../src/frame'
import { random } from '../../mock/random'

const LANGS = ['fr', 'en'] as const

/** Figures whose intervals touch, overlap by one, or leave one between them; sometimes unknown, sometimes exact. */
function figures(r: () => number, n: number, known: boolean): { value: number; lo: number | null; hi: number | null }[] {
  const half = 5 + Math.floor(r() * 20)
  return Array.from({ length: n }, () => {
    const value = 500 + Math.floor(r() * 3) * 2 * half + Math.floor(r() * 3) - 1
    return known ? { value, lo: value - half, hi: value + half } : { value, lo: null, hi: null }
  })
}

const profileOf = (list: { value: number; lo: number | null; hi: number | null }[]): Profile => ({
  slots: list.map((_, h) => `weekday-${String(h).padStart(2, '0')}`), value: list.map((f) => f.value), lo: list.map((f) => f.lo), hi: list.map((f) => f.hi), flag: list.map(() => 0),
})

const digits = (text: string) => Number(text.replace(/[\s\u00a0\u202f,]/g, ''))

describe('a busiest moment', () => {
  test.each(LANGS)('is named alone only where no other interval reaches it: %s', (lang) => {
    const r = random(1)
    for (let k = 0; k < 1500; k++) {
      const list = figures(r, 3 + Math.floor(r() * 4), true)
      const { sentence, busiest } = passage(profileOf(list), 'hour', { name: 'X', unit: 'p', decimals: 0 }, lang)
      const best = list.reduce((a, b) => (b.value > a.value ? b : a))
      const reaching = list.filter((f) => f.hi! >= best.lo!).length
      expect(busiest).toHaveLength(reaching)
      const alone = lang === 'fr' ? /le moment le plus fréquenté est «\s[^»]+\s»\s:/ : /the busiest moment is “[^”]+”:/
      expect(alone.test(sentence), sentence).toBe(reaching === 1)
    }
  })
  test('touching ends are not apart: 100 ± 10 and 120 ± 10', () => {
    const touching = passage(profileOf([{ value: 100, lo: 90, hi: 110 }, { value: 120, lo: 110, hi: 130 }]), 'hour', { name: 'X', unit: '', decimals: 0 }, 'fr')
    expect(touching.busiest).toHaveLength(2)
    const apart = passage(profileOf([{ value: 100, lo: 90, hi: 109 }, { value: 120, lo: 110, hi: 130 }]), 'hour', { name: 'X', unit: '', decimals: 0 }, 'fr')
    expect(apart.busiest).toHaveLength(1)
  })
  test('without intervals the sentence says that none is given', () => {
    expect(passage(profileOf(figures(random(2), 5, false)), 'hour', { name: 'X', unit: '', decimals: 0 }, 'fr').sentence).toContain('La source ne donne pas de marge d’erreur')
  })
})

describe('a change', () => {
  test.each(LANGS)('is claimed only where the interval of the difference leaves out zero: %s', (lang) => {
    const r = random(3)
    for (let k = 0; k < 1500; k++) {
      const [a, b] = figures(r, 2, r() < 0.85)
      const flag = r() < 0.1 ? 4 : r() < 0.1 ? 1 : 0
      const c = changeOf(0, { ...a!, flag }, { ...b!, flag: 0 })
      const said = changeSentence(c, { name: 'X', from: 'a', to: 'b', unit: '', decimals: 0 }, lang)
      const d = b!.value - a!.value
      const sure = a!.lo !== null && flag !== 4 && (d > 0 ? d - Math.hypot(b!.value - b!.lo!, a!.hi! - a!.value) > 0 : d + Math.hypot(b!.hi! - b!.value, a!.value - a!.lo!) < 0)
      expect((lang === 'fr' ? /il y a bien une (hausse|baisse)/ : /there is a (rise|fall)/).test(said), said).toBe(sure)
    }
  })
  test('exactly at zero it is not claimed: two figures ± 30 and ± 40 that differ by 50', () => {
    const c = changeOf(0, { value: 100, lo: 60, hi: 140, flag: 0 }, { value: 150, lo: 120, hi: 180, flag: 0 })
    expect(c.d!.lo).toBe(0)
    expect(c.verdict).toBe('noise')
  })
})

describe('a first origin', () => {
  test.each(LANGS)('is named alone only where it stands apart, and people of several flows are not added up: %s', (lang) => {
    const r = random(4)
    for (let k = 0; k < 800; k++) {
      const list = figures(r, 2 + Math.floor(r() * 4), true)
      const all = list.map((f, zone): Partner => ({ ...f, zone, flag: 0 })).sort((a, b) => b.value! - a.value!)
      const found = { all, top: all, rest: { zones: 0, value: 0 }, total: 0, inside: null, outside: null }
      const overlap = r() < 0.5
      const { sentence, total } = flowAnswer(found, (z) => `Z${z}`, { place: 'X', unit: 'p', decimals: 0, direction: 'to', overlap }, lang)
      const reaching = all.filter((f) => f.hi! >= all[0]!.lo!).length
      expect((lang === 'fr' ? /La première origine est/ : /The first origin is/).test(sentence), sentence).toBe(reaching === 1)
      expect(total === undefined).toBe(overlap)
      if (overlap) expect(sentence).not.toMatch(/du total|of the total/)
    }
  })
})

describe('two places', () => {
  test.each(LANGS)('are told apart only by a difference that leaves out zero: %s', (lang) => {
    const r = random(5)
    for (let k = 0; k < 800; k++) {
      const [a, b] = figures(r, 2, r() < 0.8)
      const said = comparison({ name: 'A', at: a! }, { name: 'B', at: b! }, { when: 't', unit: '', decimals: 0 }, lang)
      const d = b!.value - a!.value
      const sure = a!.lo !== null && d !== 0 && Math.abs(d) > (d > 0 ? Math.hypot(b!.value - b!.lo!, a!.hi! - a!.value) : Math.hypot(b!.hi! - b!.value, a!.value - a!.lo!))
      expect((lang === 'fr' ? /: plus à [AB]\./ : /: more in [AB]\./).test(said), said).toBe(sure)
    }
  })
})

describe('an interval in words', () => {
  test.each(LANGS)('is never narrower than the interval, and the figure lies in it: %s', (lang) => {
    const r = random(6)
    for (let k = 0; k < 3000; k++) {
      const value = r() * 10 ** (1 + Math.floor(r() * 6))
      const e: Estimate = { value, lo: value - r() * value, hi: value + r() * value }
      const said = about(e, '', lang, 0)
      const m = said.match(lang === 'fr' ? /entre (.+) et (.+) à 95/ : /between (.+) and (.+) at 95/)
      if (!m) continue
      const [lo, hi] = [digits(m[1]!), digits(m[2]!)]
      expect(lo, said).toBeLessThanOrEqual(e.lo! + 1e-6 * value)
      expect(hi, said).toBeGreaterThanOrEqual(e.hi! - 1e-6 * value)
      const shown = digits(said.replace(/^\D+/, '').split('(')[0]!)
      expect(shown >= lo && shown <= hi, said).toBe(true)
    }
  })
})

describe('who is far', () => {
  const share = (name: string, value: number, lo: number, hi: number, whole = 1000): Share => ({ id: name, name, unit: 'p', far: { value, lo, hi }, whole: { value: whole, lo: whole, hi: whole }, estimated: 0 })
  test('no group is called worst off where the bounds touch', () => {
    expect(worstOff([share('a', 300, 200, 400), share('b', 450, 400, 500)], 'fr')).toContain('Aucun groupe')
    expect(worstOff([share('a', 300, 200, 399), share('b', 450, 400, 500)], 'fr')).toContain('b')
  })
  test('everybody near is said only where nobody may be far', () => {
    const about_ = { place: 'ici', need: 'Commerces', limit: 1000 }
    expect(accessSentence(share('a', 0, 0, 0), about_, 'fr')).toContain('tous ceux qui sont comptés')
    expect(accessSentence(share('a', 0, 0, 1), about_, 'fr')).not.toContain('tous ceux qui sont comptés')
  })
})

describe('trust', () => {
  test('a figure without an interval is never called precise', () => {
    const measure = { decimals: 0 }
    const said = (lo: number | null, hi: number | null, flag = 0) => trustSentence({ value: 1000, lo, hi, flag }, { name: 'X', when: 't', measure, unit: '' }, 'fr')
    expect(said(null, null)).not.toMatch(/précis à|à \d+ % près/)
    expect(said(900, 1100)).not.toBe(said(899, 1101))
  })
})
