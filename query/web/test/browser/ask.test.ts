import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { answerers, answering, ASKS, hazards } from '../../src/ask'
import { isFlow, type Measure } from '../../src/catalog'
import { number } from '../../src/number'
import { kindOf, ofKind, slotBrief } from '../../src/slot'
import type { Frame } from '../../src/frame'
import { browser, canRun, drawn, hash, land, open, phone, server, shot, tooWide, violations, visiting } from './harness'
import { digits } from './territory'

const PHONE = phone(390, 844)

const answered = async (page: Page) => {
  await page.waitForFunction(() => { const p = document.querySelector('.answer p'); return p && !/On cherche|Looking for/.test(p.textContent!) || document.querySelector('.ask-body .message') })
}

describe.skipIf(!canRun)('the planner’s questions', () => {
  visiting()

  describe.each(ASKS.map((a) => [a.n, a] as const))('question %i', (n, ask) => {
    test.each([['fr', {}], ['en', PHONE]] as const)('has its five parts, and axe finds nothing to say: %s', async (lang, options) => {
      const { page, errors, hosts, leave } = await open(browser, server.url, `#/q/${n}?lang=${lang}`, options)
      await answered(page)
      expect(await page.locator('h1').innerText()).toBe(ask.title[lang])
      if (answerers(land.catalog, n).length === 0) expect(await page.locator('.message').innerText()).toContain(ask.lacks[lang])
      else {
        await drawn(page)
        expect((await page.locator('.answer p').first().innerText()).length).toBeGreaterThan(30)
        const parts = (await page.locator('.part > h2').allInnerTexts()).join(' · ')
        for (const name of lang === 'fr' ? ['La carte', 'Le tableau', 'À quel point', 'Et ensuite'] : ['The map', 'The table', 'How sure', 'What next']) expect(parts).toContain(name)
        expect(await page.locator('.grid tbody tr').count()).toBeGreaterThan(0)
      }
      expect(await tooWide(page)).toBeLessThanOrEqual(0)
      await page.evaluate(() => document.querySelector('.stage')!.scrollTo(0, 0))
      await shot(page, `ask-${n}-${lang}`)
      expect(await violations(page)).toEqual([])
      expect([...hosts]).toEqual([new URL(server.url).host])
      expect(errors).toEqual([])
      await leave()
    })

    test('says what to add where the territory cannot answer', async () => {
      const { page, leave } = await open(browser, server.url, `#/q/${n}?lang=fr`, {}, (p) => p.route('**/catalog', async (route) => {
        const catalog = await (await route.fetch()).json() as { layers: { background?: boolean }[] }
        await route.fulfill({ json: { ...catalog, measures: [], flows: [] }, headers: { 'cache-control': 'no-store' } })
      }))
      await page.waitForSelector('.ask-body .message')
      expect(await page.locator('.message').innerText()).toContain(ask.lacks.fr)
      await leave()
    })

    test('can be reached, answered and taken away with the keyboard alone', async (context) => {
      if (answerers(land.catalog, n).length === 0) return context.skip('this territory has no answer to this question')
      const { page, leave } = await open(browser, server.url, '#/?lang=fr&view=table')
      await page.waitForSelector('.ask-link')
      const focused = () => page.evaluate(() => (document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '').trim())
      const tabTo = async (wanted: string, limit = 400) => {
        for (let k = 0; k < limit; k++) {
          await page.keyboard.press('Tab')
          if ((await focused()).startsWith(wanted)) return
        }
        throw new Error(`no ${wanted} within ${limit} tabs`)
      }
      await tabTo(ask.title.fr)
      await page.keyboard.press('Enter')
      await answered(page)
      await page.waitForSelector('.grid tbody tr')
      await tabTo('Télécharger le tableau')
      const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
      const lines = readFileSync(await file.path(), 'utf8').trim().split('\r\n')
      expect(lines.length).toBeGreaterThan(1)
      expect(lines.join()).toContain(land.catalog.release)
      await leave()
    })
  })

  test('the busiest moment is that of the server’s figures', async (context) => {
    const layer = answerers(land.catalog, 1)[0]
    if (!layer) return context.skip('this territory has no answer to question 1')
    const measure = answering(land.catalog, layer, 1)[0] as Measure
    const kind = kindOf(measure.slots.includes('weekday-08') ? 'weekday-08' : measure.slots[0]!)!
    const zones = await land.zones(layer.zones!)
    const i = (await land.frame({ layer, measure }, measure.slots[0]!)).value.findIndex((v) => v !== null)
    const profile = await (await fetch(`${server.url}profile/${measure.id}?zones=${layer.zones}&zone=${encodeURIComponent(zones.ids[i]!)}`)).json() as Frame & { slots: string[] }
    const best = ofKind(profile.slots, kind).map((s) => ({ s, v: profile.value[profile.slots.indexOf(s)] })).filter((m) => m.v != null).sort((a, b) => b.v! - a.v!)[0]!
    const { page, leave } = await open(browser, server.url, `#/q/1/${layer.id}?lang=fr&zone=${encodeURIComponent(zones.ids[i]!)}`)
    await answered(page)
    const said = (await page.locator('.answer p').first().innerText()).replace(/[\u00a0\u202f]/g, ' ')
    if (!/moments se partagent|aucun moment/.test(said)) expect(said).toContain(slotBrief(best.s, 'fr').replace(/[\u00a0\u202f]/g, ' '))
    await page.locator('.week-table summary').click()
    const cells = (await page.locator('.week-table tbody tr').allInnerTexts()).map(digits).join('|')
    expect(cells).toContain(digits(number(best.v!, 'fr', measure.decimals)))
    await page.locator('.week-cell').nth(3).click()
    await page.waitForFunction(() => location.hash.includes('slot='))
    await leave()
  })

  test('two places side by side, by a link', async (context) => {
    const layer = answerers(land.catalog, 1).find((l) => (land.catalog.zone_systems.find((s) => s.id === l.zones)?.count ?? 999) <= 300)
    if (!layer) return context.skip('this territory has no answer to question 1')
    const zones = await land.zones(layer.zones!)
    const { page, errors, leave } = await open(browser, server.url, `#/q/1/${layer.id}?lang=fr&zone=${encodeURIComponent(zones.ids[0]!)}`)
    await answered(page)
    await page.getByLabel('Comparer à').selectOption(zones.ids[1]!)
    await page.waitForSelector('.compared')
    expect(await page.locator('.week').count()).toBe(2)
    expect(await hash(page)).toContain('with=')
    await shot(page, 'ask-compare')
    expect(errors).toEqual([])
    await leave()
  })

  test('a change is claimed only where the intervals of the server’s figures allow it', async (context) => {
    const layer = answerers(land.catalog, 9).find((l) => answering(land.catalog, l, 9).some((m) => !isFlow(m)))
    const measure = layer && answering(land.catalog, layer, 9)[0] as Measure
    if (!layer || !measure) return context.skip('this territory has no answer to question 9')
    const slots = ofKind(measure.slots, kindOf(measure.slots.find((s) => kindOf(s) === 'month') ?? measure.slots[0]!)!)
    const [a, b] = [slots[0]!, slots.at(-1)!]
    const [x, y] = [await land.frame({ layer, measure }, a), await land.frame({ layer, measure }, b)]
    const clear = x.value.filter((v, i) => {
      const w = y.value[i]
      if (v === null || w === null || w === undefined || !x.lo || !y.lo || x.flag[i] || y.flag[i]) return false
      const d = w - v
      return d > 0 ? d - Math.hypot(w - y.lo[i]!, x.hi![i]! - v) > 0 : d + Math.hypot(y.hi![i]! - w, v - x.lo[i]!) < 0
    }).length
    const { page, leave } = await open(browser, server.url, `#/q/9/${layer.id}?lang=fr&with=${a}&slot=${b}`)
    await answered(page)
    const said = await page.locator('.answer p').first().innerText()
    const counts = said.match(/: (\d+) en hausse, (\d+) en baisse/)
    expect(counts ? Number(counts[1]) + Number(counts[2]) : 0).toBe(clear)
    await page.locator('.grid .row-name').first().click()
    await page.waitForFunction(() => location.hash.includes('zone='))
    expect(await page.locator('.answer p').first().innerText()).toMatch(/il y a bien|ne peut pas/)
    await shot(page, 'ask-9-place')
    await leave()
  })

  test('from a figure on the map to why it is what it is', async (context) => {
    const offer = land.ofPlaces
    if (!offer) return context.skip('this territory has no figures by commune')
    const zones = await land.zones(offer.layer.zones!)
    const { page, errors, leave } = await open(browser, server.url, `#/${offer.layer.id}?lang=en&view=table&zone=${encodeURIComponent(zones.ids[0]!)}`)
    await page.getByRole('button', { name: 'Why this number?' }).click()
    await page.waitForSelector('dialog .why-sentence')
    const source = land.catalog.sources.find((s) => s.id === offer.measure.source)!
    const text = await page.locator('dialog').innerText()
    for (const part of [source.producer, source.licence, land.catalog.release]) expect(text).toContain(part)
    expect(await violations(page)).toEqual([])
    await shot(page, 'why')
    expect(errors).toEqual([])
    await leave()
  })

  test('who lives where it may flood is counted from the squares, if the territory says where that is', async (context) => {
    const danger = hazards(land.catalog)[0]
    if (!danger || !answerers(land.catalog, 12).length) return context.skip('this territory has no area of danger with squares of residents')
    const { page, errors, leave } = await open(browser, server.url, '#/q/12?lang=fr')
    await answered(page)
    await page.waitForSelector('.hazard .promises li')
    expect(await page.locator('.hazard').innerText()).toMatch(/entre \d.* et \d|habitants/)
    await page.locator('.hazard').scrollIntoViewIfNeeded()
    await shot(page, 'ask-12-hazard')
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
    await leave()
  })

  test('prints as sheets of A4 with the answer, the source and the release, without controls', async (context) => {
    if (!answerers(land.catalog, 1).length) return context.skip('this territory has no answer to question 1')
    const { page, leave } = await open(browser, server.url, '#/q/1?lang=fr')
    await answered(page)
    await drawn(page)
    const pdf = await page.pdf({ format: 'A4', printBackground: true })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    expect(await page.locator('.controls, .header, .side').evaluateAll((all) => all.every((el) => getComputedStyle(el).display === 'none'))).toBe(true)
    expect(await page.locator('.print-only').innerText()).toContain(land.catalog.release)
    const picture = await page.locator('.map-picture').evaluate((img: HTMLImageElement) => img.src.length)
    expect(picture).toBeGreaterThan(5000)
    await page.setViewportSize({ width: 794, height: 1123 })
    await page.waitForTimeout(500)
    await shot(page, 'ask-print')
    await leave()
  })

  test('the first view does not pay for the questions', async () => {
    const { page, requests, leave } = await open(browser, server.url, '#/?lang=fr&view=table')
    await page.waitForSelector('.stage[aria-busy="false"]')
    expect(requests.filter((r) => /\/assets\/(Ask|Why|Privacy|parquet)-/.test(r))).toEqual([])
    await leave()
  })
})
