import { energy, energyWords } from '../../src/energy'
import { describe, expect, test } from 'vitest'
import { csv } from '../../src/csv'
import * as Flag from '../../src/flag'
import { flagName, flagSentence } from '../../src/flag'
import { figure, Frames, rank, type Frame } from '../../src/frame'
import type { Api } from '../../src/api'
import { area, bytes, interval, number, share, withUnit } from '../../src/number'
import { words } from '../../src/words'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('flags', () => {
  test.each([Flag.ESTIMATED, Flag.NOT_PUBLISHED, Flag.NO_DATA, Flag.PARTIAL])('flag %i has a name and a sentence of its own in both languages', (flag) => {
    for (const lang of ['fr', 'en'] as const) {
      expect(flagName(flag, lang)).not.toBe('')
      expect(flagSentence(flag, lang)).toMatch(/\.$/)
    }
    expect(flagName(flag, 'fr')).not.toBe(flagName(flag, 'en'))
  })
  test('an ordinary figure has none, and an unknown flag does not break', () => {
    expect(flagName(Flag.OK, 'fr')).toBe('')
    expect(flagName(99, 'fr')).toBe('')
  })
})

describe('one figure of a frame', () => {
  const frame: Frame = { value: [12, null, null, 0, 7], lo: [10, 3, null, 0, 6], hi: [14, 9, null, 0, 8], flag: [0, 2, 3, 0, 4] }
  test('a withheld one shows neither value nor interval', () => {
    expect(figure(frame, 1)).toEqual({ value: null, lo: null, hi: null, flag: 2 })
  })
  test('zero is a value', () => expect(figure(frame, 3)).toEqual({ value: 0, lo: 0, hi: 0, flag: 0 }))
  test('beyond the frame there is no data', () => expect(figure(frame, 9).flag).toBe(Flag.NO_DATA))
  test('ranks count published values only', () => {
    expect(rank(frame, 4)).toEqual({ best: 2, worst: 2, of: 3 })
    expect(rank(frame, 1)).toBeUndefined()
  })
  test('a place is not told better than overlapping intervals allow', () => {
    const close: Frame = { value: [100, 98, 50, 10], lo: [95, 93, 45, 5], hi: [105, 103, 55, 15], flag: [0, 0, 0, 0] }
    expect(rank(close, 0)).toEqual({ best: 1, worst: 2, of: 4 })
    expect(rank(close, 1)).toEqual({ best: 1, worst: 2, of: 4 })
    expect(rank(close, 2)).toEqual({ best: 3, worst: 3, of: 4 })
  })
})

describe('numbers as people write them', () => {
  test('French and English differ', () => {
    expect(plain(number(12345.6, 'fr', 1))).toBe('12 345,6')
    expect(number(12345.6, 'en', 1)).toBe('12,345.6')
    expect(plain(withUnit(24.3, '%', 'fr', 1))).toBe('24,3 %')
    expect(withUnit(24.3, '%', 'en', 1)).toBe('24.3%')
    expect(number(-0, 'fr')).toBe('0')
  })
  test('the interval is said in words, and only when there is one', () => {
    expect(plain(interval(1180, 1260, 'fr', 0))).toBe('entre 1 180 et 1 260 à 95 %')
    expect(interval(1180, 1260, 'en', 0)).toBe('between 1,180 and 1,260 at 95%')
    expect(interval(null, 5, 'fr', 0)).toBe('')
    expect(interval(5, 5, 'fr', 0)).toBe('5 exactement')
  })
  test('bytes, areas and shares', () => {
    expect(plain(bytes(586_300, 'fr'))).toBe('586 ko')
    expect(plain(bytes(1_250_000, 'en'))).toBe('1.3 MB')
    expect(plain(area(12_800_000, 'fr'))).toBe('12,8 km²')
    expect(plain(area(40_000, 'en'))).toBe('4.0 ha')
    expect(plain(share(1, 3, 'fr'))).toBe('33,3 %')
    expect(share(1, 0, 'fr')).toBe('')
  })
})

describe('plurals', () => {
  test('zero is singular in French and plural in English', () => {
    expect(words('fr').rows(0)).toBe('0 ligne')
    expect(words('en').rows(0)).toBe('0 rows')
    expect(words('fr').rows(1)).toBe('1 ligne')
    expect(words('fr').rows(2)).toBe('2 lignes')
    expect(words('en').rows(1)).toBe('1 row')
  })
  test('no sentence was left in the other language', () => {
    const same = Object.entries(words('fr')).filter(([key, value]) => typeof value === 'string' && value === words('en')[key as 'product'])
    expect(same.map(([key]) => key).sort()).toEqual(['destination', 'kindAll', 'kindDate', 'licence', 'nature', 'pause', 'product', 'source', 'zone'])
  })
})

describe('files for spreadsheets', () => {
  test('French: semicolons and decimal commas', () => {
    expect(csv(['nom', 'valeur'], [['Labège', 1.5], ['A;B', null]], 'fr')).toBe('\ufeffnom;valeur\r\nLabège;1,5\r\n"A;B";\r\n')
  })
  test('English: commas and points, quotes doubled', () => {
    expect(csv(['name', 'value'], [['a "b", c', -2.5]], 'en')).toBe('\ufeffname,value\r\n"a ""b"", c",-2.5\r\n')
  })
  test('text that a spreadsheet would run is defused, numbers are not', () => {
    expect(csv(['a'], [['=1+1'], ['@x'], ['+33 5'], [-4]], 'fr')).toBe("\ufeffa\r\n'=1+1\r\n'@x\r\n'+33 5\r\n-4\r\n")
  })
})

describe('frames kept', () => {
  test('a slot is asked for once, and again after a failure', async () => {
    const asked: string[] = []
    let fail = true
    const api = { frame: (_: string, __: string, slot: string) => { asked.push(slot); return fail ? Promise.reject(new Error('no')) : Promise.resolve({ value: [1], flag: [0] }) } } as unknown as Api
    const frames = new Frames(api)
    await expect(frames.get('m', 'z', 'all')).rejects.toThrow('no')
    fail = false
    await frames.get('m', 'z', 'all')
    await frames.get('m', 'z', 'all')
    expect(asked).toEqual(['all', 'all'])
    expect(frames.now('m', 'z', 'all')).toEqual({ value: [1], flag: [0] })
  })
  test('prefetching hides failures', async () => {
    const frames = new Frames({ frame: () => Promise.reject(new Error('no')) } as unknown as Api)
    frames.prefetch('m', 'z', ['a', 'b'])
    await new Promise((done) => setTimeout(done))
    expect(frames.now('m', 'z', 'a')).toBeUndefined()
  })
})

describe('energy of a visit', () => {
  test('is the model’s, by hand: 1 GB is 194 Wh in use and 300 Wh with the making', () => {
    const { lo, hi } = energy(1e9)
    expect(lo).toBeCloseTo(194, 6)
    expect(hi).toBeCloseTo(300, 6)
  })
  test('is a range rounded outwards', () => {
    expect(energyWords(500_000, 'fr').replace(/\u00a0/g, ' ')).toBe('0,09 à 0,15 Wh')
    expect(energyWords(40_000, 'en').replace(/\u00a0/g, ' ')).toBe('0.007 to 0.012 Wh')
  })
})
