import { describe, expect, test } from 'vitest'
import { oklab, ramp } from '../../src/colour'
import * as Flag from '../../src/flag'
import { classWords, look, NO_DATA, NOT_PUBLISHED, roundedBreaks, scale, tally, ZERO } from '../../src/legend'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('the look of a figure', () => {
  const s = scale([10, 100], 0)
  test('a value on a bound belongs to the class above', () => {
    expect([1, 9.99, 10, 99, 100, 5000].map((v) => look(s, v, Flag.OK))).toEqual([1, 1, 2, 2, 3, 3])
  })
  test('zero, not published and no data are three different things', () => {
    const looks = [look(s, 0, Flag.OK), look(s, null, Flag.NOT_PUBLISHED), look(s, null, Flag.NO_DATA)]
    expect(looks).toEqual([ZERO, NOT_PUBLISHED, NO_DATA])
    expect(new Set(looks).size).toBe(3)
  })
  test('a withheld figure never shows its class, even if a server sent a value', () => {
    expect(look(s, 57, Flag.NOT_PUBLISHED)).toBe(NOT_PUBLISHED)
    expect(look(s, 0, Flag.NO_DATA)).toBe(NO_DATA)
  })
  test('estimated and partial figures keep their class', () => {
    expect(look(s, 50, Flag.ESTIMATED)).toBe(2)
    expect(look(s, 50, Flag.PARTIAL)).toBe(2)
  })
  test('on a scale below zero, zero is a value like another', () => {
    const diverging = scale([-10, 0, 10], -40, { ramp: 'diverging' })
    expect(diverging.zeroApart).toBe(false)
    expect(look(diverging, 0, Flag.OK)).toBe(3)
    expect(look(diverging, -11, Flag.OK)).toBe(1)
  })
  test('a null without a flag is no data', () => {
    expect(look(s, null, Flag.OK)).toBe(NO_DATA)
    expect(look(s, undefined, Flag.OK)).toBe(NO_DATA)
  })
})

describe('classes in words', () => {
  test('in French, with its spaces and its comma', () => {
    expect([0, 1, 2].map((k) => plain(classWords([1200, 4500.5], k, 'fr')))).toEqual(['moins de 1 200', '1 200 à 4 500,5', '4 500,5 et plus'])
  })
  test('in English', () => {
    expect([0, 1, 2].map((k) => classWords([1200, 4500.5], k, 'en'))).toEqual(['under 1,200', '1,200 to 4,500.5', '4,500.5 and over'])
  })
  test('without any bound there is one class', () => {
    expect(classWords([], 0, 'fr')).toBe('toutes les valeurs')
  })
})

describe('bounds made on the spot', () => {
  test('are round, rising, and leave no class below the smallest value', () => {
    const values = Array.from({ length: 300 }, (_, i) => i * 7.3 + 3)
    const breaks = roundedBreaks([...values, null, 0], 5)
    expect(breaks).toEqual([...breaks].sort((a, b) => a - b))
    expect(breaks.length).toBeGreaterThan(2)
    expect(breaks.every((b) => b > 3 && String(b).replace(/0+$/, '').length <= 2)).toBe(true)
  })
  test('of nothing are none', () => expect(roundedBreaks([null, 0], 5)).toEqual([]))
})

describe('colours', () => {
  /** Simulation of protanopia and deuteranopia (Viénot, Brettel, Mollon 1999), on linear RGB. */
  const seen = (hex: string, matrix: number[][]) => {
    const linear = [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2)
    const out = matrix.map((row) => row.reduce((s, m, k) => s + m * linear[k]!, 0))
    return `#${out.map((c) => Math.round(Math.min(1, Math.max(0, c)) ** (1 / 2.2) * 255).toString(16).padStart(2, '0')).join('')}`
  }
  const eyes = {
    ordinary: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    protanope: [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    deuteranope: [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    achromat: [[0.2126, 0.7152, 0.0722], [0.2126, 0.7152, 0.0722], [0.2126, 0.7152, 0.0722]],
  }
  for (const [eye, matrix] of Object.entries(eyes)) {
    test.each([3, 4, 5, 6, 7, 8])(`%i classes stay apart for the ${eye}, in order of lightness`, (n) => {
      const lab = ramp('sequential', n).map((c) => oklab(seen(c, matrix)))
      for (let i = 1; i < n; i++) {
        const [a, b] = [lab[i - 1]!, lab[i]!]
        expect(b[0]).toBeLessThan(a[0])
        expect(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])).toBeGreaterThan(0.05)
      }
    })
  }
  test('the lightest class is not the white of zero', () => {
    const [L, a, b] = oklab(ramp('sequential', 6)[0]!)
    expect(Math.hypot(1 - L, a, b)).toBeGreaterThan(0.08)
  })
  test('a diverging ramp is lightest in its middle', () => {
    const light = ramp('diverging', 7).map((c) => oklab(c)[0])
    expect(Math.max(...light)).toBe(light[3])
  })
})

test('the legend counts each look', () => {
  expect([...tally([1, 1, ZERO, NO_DATA])]).toEqual([[1, 2], [ZERO, 1], [NO_DATA, 1]])
})
