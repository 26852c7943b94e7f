/** Guided tours, guesses, search and downloads, on whatever the served territory has of them. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { answerers } from '../../src/ask'
import { subjects } from '../../src/catalog'
import type { Tour } from '../../src/tour'
import { fromHash } from '../../src/view'
import { browser, canRun, drawn, hash, land, open, phone, server, shot, tooWide, violations, visiting } from './harness'

const PHONE = phone(375, 812)

describe.skipIf(!canRun)('visits', () => {
  visiting()

  const steps = async (): Promise<Tour> => await (await fetch(`${server.url}tours/${land.catalog.tours[0]!.id}`)).json() as Tour

  describe('a guided tour', () => {
    test.for([['fr', {}], ['en', PHONE]] as const)('leads from the list through every step and out: %s', async ([lang, options], context) => {
      const entry = land.catalog.tours[0]
      if (!entry) return context.skip('this territory has no guided tour')
      const tour = await steps()
      const { page, errors, hosts, leave } = await open(browser, server.url, `#/?lang=${lang}`, options)
      await drawn(page)
      if (options === PHONE) await page.getByRole('button', { name: 'Subjects' }).click()
      await page.getByRole('button', { name: entry.title[lang] }).filter({ hasText: entry.summary![lang] }).click()
      for (const [k, step] of tour.steps.entries()) {
        await page.waitForFunction((title) => document.querySelector('.tour h3')?.textContent === title, step[lang].title)
        const want = fromHash(step.view, lang)
        const have = fromHash(await hash(page), lang)
        for (const key of ['subject', 'question', 'zone', 'slot', 'guess'] as const) if (want[key] !== undefined) expect(have[key], `${key} of step ${k + 1}`).toBe(want[key])
        expect(have.lang).toBe(lang)
        expect([have.tour, have.step]).toEqual([entry.id, k])
        await page.waitForSelector('.stage[aria-busy="false"]')
        await shot(page, `tour-${lang}-${k + 1}`)
        expect(await violations(page)).toEqual([])
        expect(await tooWide(page)).toBeLessThanOrEqual(0)
        if (k < tour.steps.length - 1) await page.locator('.tour footer .primary').click()
      }
      await page.locator('.tour footer .primary').click()
      await page.waitForSelector('.tour', { state: 'detached' })
      expect(await hash(page)).not.toContain('tour=')
      expect(errors).toEqual([])
      expect([...hosts]).toEqual([new URL(server.url).host])
      await leave()
    })

    test('with the keyboard alone, back and away; a link comes back to its step', async (context) => {
      if (!land.catalog.tours.length) return context.skip('this territory has no guided tour')
      const tour = await steps()
      const { page, leave } = await open(browser, server.url, `#/?lang=fr&tour=${tour.id}`)
      await page.waitForSelector('.tour h3')
      const focus = async (selector: string) => {
        for (let k = 0; k < 60; k++) {
          if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return
          await page.keyboard.press('Tab')
        }
        throw new Error(`no ${selector}`)
      }
      await focus('.tour footer .primary')
      await page.keyboard.press('Enter')
      await page.waitForFunction((t) => document.querySelector('.tour h3')?.textContent === t, tour.steps[1]!.fr.title)
      expect(await page.locator('.tour [role=status]').innerText()).toContain(tour.steps[1]!.fr.title)
      const link = await hash(page)
      await page.keyboard.press('Shift+Tab')
      await page.keyboard.press('Enter')
      await page.waitForFunction((t) => document.querySelector('.tour h3')?.textContent === t, tour.steps[0]!.fr.title)
      await page.goto(server.url + link)
      await page.reload()
      await page.waitForFunction((t) => document.querySelector('.tour h3')?.textContent === t, tour.steps[1]!.fr.title)
      await page.locator('.tour header button').click()
      await page.waitForSelector('.tour', { state: 'detached' })
      await leave()
    })

    test('a tour that is not there, or cannot be had, says so or is left alone', async () => {
      const { page, errors, leave } = await open(browser, server.url, '#/?lang=fr&view=table&tour=nowhere')
      await page.waitForSelector('.stage[aria-busy="false"]')
      expect(await page.locator('.tour').count()).toBe(0)
      expect(errors).toEqual([])
      await leave()
      if (!land.catalog.tours.length) return
      const broken = await open(browser, server.url, `#/?lang=en&view=table&tour=${land.catalog.tours[0]!.id}`, {}, (p) => p.route('**/tours/*', (route) => route.fulfill({ status: 500, body: '' })))
      await broken.page.waitForSelector('.tour [role=alert]')
      await broken.leave()
    })
  })

  describe('guess before you see', () => {
    const curve = () => answerers(land.catalog, 1)[0]
    test.for([['fr', {}], ['en', PHONE]] as const)('a curve drawn with the pointer hides the answer until it is asked for: %s', async ([lang, options], context) => {
      if (!curve()) return context.skip('this territory has no answer to question 1')
      const { page, requests, errors, leave } = await open(browser, server.url, `#/q/1?lang=${lang}&guess=1`, options)
      await page.waitForSelector('.guess-curve')
      expect(await page.locator('.answer, .week, .guess-real').count()).toBe(0)
      await page.locator('.guess-curve').scrollIntoViewIfNeeded()
      const box = (await page.locator('.guess-curve').boundingBox())!
      await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.7)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.2, { steps: 6 })
      await page.mouse.up()
      const drawnValues = await page.locator('.guess-curve [role=slider]').evaluateAll((all) => all.map((el) => Number(el.getAttribute('aria-valuenow'))))
      expect(drawnValues.filter((v) => v > 0).length).toBeGreaterThan(1)
      expect(await violations(page)).toEqual([])
      const before = requests.length
      await page.locator('.guess .primary').click()
      await page.waitForSelector('.guess-real')
      expect((await page.locator('.guess-said').innerText()).length).toBeGreaterThan(30)
      expect(await violations(page)).toEqual([])
      expect(await tooWide(page)).toBeLessThanOrEqual(0)
      await shot(page, `guess-curve-${lang}`)
      expect(requests.slice(before), 'nothing is sent').toEqual([])
      expect(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length)).toBe(0)
      expect(errors).toEqual([])
      await leave()
    })

    test('a curve by keys and in the table', async (context) => {
      if (!curve()) return context.skip('this territory has no answer to question 1')
      const { page, leave } = await open(browser, server.url, '#/q/1?lang=fr&guess=1')
      await page.waitForSelector('.guess-curve')
      await page.locator('.guess-curve [role=slider][tabindex="0"]').focus()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('PageUp')
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('ArrowDown')
      const second = () => page.locator('.guess-curve [role=slider]').nth(1)
      const max = Number(await second().getAttribute('aria-valuemax'))
      expect(Number(await second().getAttribute('aria-valuenow'))).toBeCloseTo(max / 8, 1)
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(await second().getAttribute('aria-label'))
      await page.locator('.guess summary').click()
      await page.locator('.guess input').nth(2).fill(String(max))
      expect(Number(await page.locator('.guess-curve [role=slider]').nth(2).getAttribute('aria-valuenow'))).toBe(max)
      await page.getByRole('button', { name: 'Voir la réponse complète' }).click()
      await page.waitForSelector('.answer')
      expect(await hash(page)).not.toContain('guess')
      await leave()
    })

    test.for([['fr', {}], ['en', PHONE]] as const)('places put in order by buttons and by dragging: %s', async ([lang, options], context) => {
      if (!answerers(land.catalog, 2)[0]) return context.skip('this territory has no answer to question 2')
      const { page, errors, leave } = await open(browser, server.url, `#/q/2?lang=${lang}&guess=1`, options)
      await page.waitForSelector('.guess-rank li')
      const names = () => page.locator('.guess-place').allInnerTexts()
      const [first, second] = await names()
      await page.locator('.guess-moves button:not([disabled])').first().press('Enter')
      const bare = (s: string) => s.replace(/^\d\s*/, '')
      expect((await names()).slice(0, 2).map(bare)).toEqual([bare(second!), bare(first!)])
      expect(await page.locator('.guess [role=status]').first().innerText()).toMatch(/2$/)
      await page.locator('.guess-place').first().scrollIntoViewIfNeeded()
      const from = (await page.locator('.guess-place').first().boundingBox())!
      const to = (await page.locator('.guess-place').nth(2).boundingBox())!
      await page.mouse.move(from.x + 20, from.y + from.height / 2)
      await page.mouse.down()
      await page.mouse.move(to.x + 20, to.y + to.height / 2, { steps: 6 })
      await page.mouse.up()
      expect(bare((await names())[2]!)).toBe(bare(second!))
      expect(await violations(page)).toEqual([])
      await page.locator('.guess .primary').click()
      expect(await page.locator('.guess-said').innerText()).toMatch(lang === 'fr' ? /juste/ : /right/)
      expect(await violations(page)).toEqual([])
      await shot(page, `guess-rank-${lang}`)
      expect(errors).toEqual([])
      await leave()
    })
  })

  describe('search', () => {
    const addresses = () => subjects(land.catalog).find((l) => l.search?.addresses)
    interface Entry { name: string; place: string; word: string }
    /** A street of the index, and the place that it lies in. */
    const street = async (): Promise<Entry> => {
      const entries = await (await fetch(`${server.url}search/${addresses()!.id}/w0`)).json() as [string, number, number, number, number][]
      const zones = await land.zones(land.places)
      const [name, place] = entries.find((e) => e[1] >= 0 && e[0].split(/[ '’-]/).at(-1)!.length > 4)!
      return { name, place: zones.names[place]!, word: name.split(/[ '’-]/).at(-1)! }
    }

    test.for([['fr', {}], ['en', PHONE]] as const)('an address by its words and its place, chosen by keys, is marked on the map: %s', async ([lang, options], context) => {
      if (!addresses()) return context.skip('this territory has no index of addresses')
      const { name, place, word } = await street()
      const { page, errors, hosts, requests, leave } = await open(browser, server.url, `#/?lang=${lang}`, options)
      await drawn(page)
      expect(requests.filter((r) => /search\//.test(r))).toEqual([])
      const box = page.locator('[role=combobox]')
      await box.fill(`${word.toUpperCase()} ${place}`)
      await page.waitForFunction((n) => [...document.querySelectorAll('[role=option]')].some((o) => o.textContent!.includes(n)), name)
      expect(await page.locator(`[role=group][aria-label="${addresses()!.search!.title[lang]}"]`).count()).toBe(1)
      expect(await violations(page)).toEqual([])
      await shot(page, `search-${lang}`)
      const options_ = await page.locator('[role=option]').allInnerTexts()
      const at = options_.findIndex((o) => o.startsWith(name))
      for (let k = 0; k <= at; k++) await page.keyboard.press('ArrowDown')
      expect(await page.locator(`#${CSS_escape((await box.getAttribute('aria-activedescendant'))!)}`).innerText()).toContain(name)
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => /at=1[4-7]/.test(location.hash))
      expect(await page.locator('[role=status].unseen, p.unseen[role=status]').last().innerText()).toContain(name)
      await page.waitForTimeout(1200)
      await shot(page, `search-found-${lang}`)
      await page.locator('.search-clear').click()
      expect(await box.inputValue()).toBe('')
      expect([...hosts]).toEqual([new URL(server.url).host])
      expect(errors).toEqual([])
      await leave()
    })

    test('a typing error is forgiven, nonsense is answered kindly', async (context) => {
      if (!addresses()) return context.skip('this territory has no index of addresses')
      const { word, name } = await street()
      const wrong = word.slice(0, 2) + word[3]! + word[2]! + word.slice(4)
      const { page, leave } = await open(browser, server.url, '#/?lang=fr&view=table')
      await page.waitForSelector('[role=combobox]')
      await page.locator('[role=combobox]').fill(wrong)
      await page.waitForFunction((w) => [...document.querySelectorAll('[role=option]')].some((o) => o.textContent!.includes(w)), name.slice(-word.length))
      await page.locator('[role=combobox]').fill('qzqzqz wxwxwx')
      await page.waitForSelector('.search-none')
      expect(await page.locator('.search-none').innerText()).toContain('Rien ne correspond')
      expect(await violations(page)).toEqual([])
      await leave()
    })
  })

  describe('downloads', () => {
    test.for(['fr', 'en'] as const)('from the map: a picture that says what it is, shapes with figures, tables of both kinds: %s', async (lang, context) => {
      const offer = land.ofPlaces
      if (!offer) return context.skip('this territory has no figures by commune')
      const { page, errors, leave } = await open(browser, server.url, `#/${offer.layer.id}?lang=${lang}`)
      await drawn(page)
      const take = async (k: number) => {
        await page.locator('.take summary').click()
        const [got] = await Promise.all([page.waitForEvent('download'), page.locator('.take li button').nth(k).click()])
        return { name: got.suggestedFilename(), bytes: readFileSync(await got.path()) }
      }
      await page.locator('.take summary').click()
      expect(await violations(page)).toEqual([])
      await shot(page, `take-${lang}`)
      await page.keyboard.press('Escape')
      expect(await page.locator('.take').getAttribute('open')).toBe(null)
      const picture = await take(0)
      expect(picture.name).toMatch(/\.png$/)
      expect(picture.bytes.subarray(1, 4).toString()).toBe('PNG')
      expect(picture.bytes.readUInt32BE(16)).toBeGreaterThanOrEqual(800)
      const shapes = JSON.parse((await take(1)).bytes.toString()) as { jumeau: Record<string, string>; features: { id: string; properties: Record<string, unknown>; geometry: { type: string } }[] }
      const zones = await land.zones(offer.layer.zones!)
      const frame = await land.frame(offer, shapes.jumeau.slot!)
      expect(shapes.features).toHaveLength(zones.ids.length)
      for (const f of shapes.features) expect(f.properties.value ?? null).toBe(frame.value[zones.ids.indexOf(f.id)] ?? null)
      const source = land.catalog.sources.find((s) => s.id === offer.measure.source)!
      expect([shapes.jumeau.licence, shapes.jumeau.producer, shapes.jumeau.release]).toEqual([source.licence, source.producer, land.catalog.release])
      const [french, other] = [(await take(2)).bytes.toString(), (await take(3)).bytes.toString()]
      expect(french.split('\r\n')[0]).toContain(';')
      expect(other.split('\r\n')[0]).toContain(',')
      expect(french.trim().split('\r\n')).toHaveLength(zones.ids.length + 1)
      expect(french).toContain(land.catalog.release)
      expect(errors).toEqual([])
      await leave()
    })
  })

  test('the footer leads to what the visit cost, with the method and its source', async () => {
    const { page, leave } = await open(browser, server.url, '#/?lang=fr&view=table')
    await page.waitForSelector('.footer .cost')
    const told = await page.locator('.footer .cost').innerText()
    expect(told).toMatch(/\d+ à [\d,]+\sWh/)
    await page.locator('.footer .cost button').click()
    await page.waitForSelector('dialog #cost')
    const text = await page.locator('#cost').innerText()
    for (const part of ['kWh par Go', '0,194', 'marge d’erreur', 'Sustainable Web Design']) expect(text).toContain(part)
    expect(await violations(page)).toEqual([])
    await leave()
  })
})

const CSS_escape = (id: string) => id.replace(/([^\w-])/g, '\\$1')
