import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { browser, canRun, drawn, land, open, phone, server, shot, tooWide, violations, visiting } from './harness'

const PHONE = phone(390, 844)

/** A text as a regular expression that matches just it. */
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

describe.skipIf(!canRun)('for everyone', () => {
  visiting()

  const ready = async (page: Page) => {
    if (await page.locator('.map').count()) await drawn(page)
    await page.waitForSelector('.stage[aria-busy="false"]')
    await page.waitForTimeout(300)
  }

  interface State { name: string; hash: () => string | undefined; options?: BrowserContextOptions; act?: (page: Page) => Promise<void>; before?: (page: Page) => Promise<unknown> }
  const zone = (o: { layer: { id: string; zones?: string } } | undefined, id: string) => o && `#/${o.layer.id}?zone=${encodeURIComponent(id)}&lang=fr`
  let ids: Record<string, string> = {}
  const states: State[] = [
    { name: 'map', hash: () => '#/?lang=fr' },
    { name: 'map in English', hash: () => '#/?lang=en' },
    { name: 'table', hash: () => '#/?view=table&lang=fr' },
    { name: 'zone with its week', hash: () => zone(land.hourly, ids.hourly!), act: async (p) => { await p.waitForSelector('.profile'); await p.locator('.profile summary').click() } },
    { name: 'zone in the table', hash: () => { const h = zone(land.hourly, ids.hourly!); return h && `${h}&view=table` } },
    { name: 'communes', hash: () => land.ofPlaces && `#/${land.ofPlaces.layer.id}?lang=fr&zone=${ids.place}` },
    { name: 'flows', hash: () => land.flow && `#/${land.flow.layer.id}?lang=fr&zone=${ids.place}` },
    { name: 'flow table', hash: () => land.flow && `#/${land.flow.layer.id}?lang=en&zone=${ids.place}&view=table` },
    { name: 'features', hash: () => land.features && `#/${land.features.id}?lang=fr&view=table&place=${ids.place}` },
    { name: 'sources', hash: () => '#/?view=table&lang=fr', act: async (p) => { await p.locator('.header-tools .tool').last().click(); await p.waitForSelector('dialog[open]') } },
    { name: 'privacy card', hash: () => land.protected && `#/${land.protected.layer.id}?show=${land.protected.measure.id}&lang=fr&view=table`, act: async (p) => { await p.locator('.source-line .privacy-link').click(); await p.waitForSelector('dialog .promises'); await p.locator('dialog summary').click() } },
    { name: 'phone, privacy card', hash: () => land.protected && `#/${land.protected.layer.id}?show=${land.protected.measure.id}&lang=en&view=table`, options: PHONE, act: async (p) => { await p.locator('.source-line .privacy-link').click(); await p.waitForSelector('dialog .promises') } },
    { name: 'search open', hash: () => '#/?view=table&lang=fr', act: async (p) => { await p.locator('[role=combobox]').fill('a'); await p.keyboard.press('ArrowDown') } },
    { name: 'unreachable', hash: () => '#/?lang=fr', before: (p) => p.route('**/catalog', (r) => r.abort()) },
    { name: 'figures refused', hash: () => land.any && `#/${land.any.layer.id}?lang=fr&view=table`, before: (p) => p.route('**/values/**', (r) => r.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"title":"gone"}' })) },
    { name: 'no such subject', hash: () => '#/nothing?lang=fr' },
    { name: 'phone', hash: () => '#/?lang=fr', options: PHONE },
    { name: 'phone, legend', hash: () => '#/?lang=fr', options: PHONE, act: async (p) => { await p.locator('.sheet-tabs button').nth(1).click() } },
    { name: 'phone, subjects', hash: () => '#/?lang=en', options: PHONE, act: async (p) => { await p.locator('.sheet-tabs button').first().click() } },
    { name: 'phone, zone', hash: () => zone(land.hourly, ids.hourly!), options: PHONE, act: async (p) => { await p.waitForSelector('.profile') } },
    { name: 'phone, table', hash: () => '#/?lang=fr&view=table', options: PHONE },
    { name: '200 percent', hash: () => '#/?lang=fr', options: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 } },
  ]

  test.each(states)('axe finds nothing to say: $name', async ({ name, hash, options, act, before }) => {
    if (!ids.place) {
      ids = { place: (await land.zones(land.places)).ids[0]! }
      if (land.hourly) ids.hourly = (await land.zones(land.hourly.layer.zones!)).ids[0]!
    }
    const at = hash()
    if (!at) return
    const { page, leave } = await open(browser, server.url, at, options, before)
    if (before) await page.waitForSelector('[role=alert]')
    else if (name !== 'no such subject') await ready(page)
    await act?.(page)
    await page.waitForTimeout(200)
    await shot(page, `axe-${name.replace(/\W+/g, '-')}`)
    expect(await violations(page)).toEqual([])
    await leave()
  })

  test('from the first key to the downloaded file with the keyboard alone', async (context) => {
    const offer = land.ofPlaces ?? land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const { page, leave } = await open(browser, server.url, '#/?lang=fr')
    await ready(page)
    const focused = () => page.evaluate(() => (document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || document.activeElement?.tagName || '').trim())
    const tabTo = async (wanted: RegExp, limit = 80) => {
      for (let k = 0; k < limit; k++) {
        await page.keyboard.press('Tab')
        if (wanted.test(await focused())) return
      }
      throw new Error(`no ${wanted} within ${limit} tabs`)
    }
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Aller au contenu')
    expect((await page.locator('.skip').boundingBox())!.y).toBeGreaterThanOrEqual(0)
    await tabTo(new RegExp(`^${literal(offer.layer.title.fr.slice(0, 26))}`))
    await page.keyboard.press('Enter')
    await page.waitForFunction((title) => document.querySelector('h1')!.textContent === title, offer.layer.title.fr)
    await tabTo(/^Tableau$/)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.grid tbody tr')
    const zones = await land.zones(offer.layer.zones!)
    const name = await page.locator('.row-name').first().innerText()
    await tabTo(new RegExp(`^${literal(name)}$`))
    await page.keyboard.press('Enter')
    await page.waitForSelector('.panel')
    expect(zones.names.some((n) => name.includes(n))).toBe(true)
    expect(await page.locator('p[role=status].unseen').innerText()).toContain(name)
    await page.keyboard.press('Escape')
    await page.waitForSelector('.panel', { state: 'detached' })
    await tabTo(/Télécharger le tableau/, 300)
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    expect(file.suggestedFilename()).toMatch(/\.csv$/)
    await leave()
  })

  test('a zone can be chosen on the map with the keyboard', async (context) => {
    const offer = land.ofPlaces ?? land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const zones = await land.zones(offer.layer.zones!)
    const { page, leave } = await open(browser, server.url, `#/${offer.layer.id}?lang=fr&at=12.5/${zones.lat[1]}/${zones.lon[1]}`)
    await ready(page)
    await page.locator('.view-as button').last().focus()
    for (let k = 0; k < 6 && !(await page.evaluate(() => document.activeElement?.tagName === 'CANVAS')); k++) await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('CANVAS')
    expect(await page.locator('.crosshair').isVisible()).toBe(true)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.panel h2')
    expect(await page.locator('.panel h2').innerText()).toContain(zones.names[1])
    await leave()
  })

  test('everything that takes focus shows it', async () => {
    const { page, leave } = await open(browser, server.url, '#/?lang=fr')
    await ready(page)
    const bare: string[] = []
    for (let k = 0; k < 40; k++) {
      await page.keyboard.press('Tab')
      const outline = await page.evaluate(() => {
        const el = document.activeElement
        return !el || el === document.body ? 'body' : `${getComputedStyle(el).outlineStyle} ${getComputedStyle(el).outlineWidth} ${el.outerHTML.slice(0, 80)}`
      })
      if (outline === 'body') break
      if (!/^(solid|auto) [2-9]px/.test(outline)) bare.push(outline)
    }
    expect(bare).toEqual([])
    await leave()
  })

  test.each([['phone', PHONE], ['wide', {}]] as const)('targets are at least 44 pixels: %s', async (_, options) => {
    const { page, leave } = await open(browser, server.url, '#/?lang=fr', options)
    await ready(page)
    const small = await page.evaluate(() => [...document.querySelectorAll('button, select, input:not([type=range]), summary, [role=option]')]
      .filter((el) => !el.matches('.link, .skip')).map((el) => ({ el, box: el.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5)).map(({ el, box }) => `${el.outerHTML.slice(0, 80)} ${box.width}×${box.height}`))
    expect(small).toEqual([])
    await leave()
  })

  test.each([320, 390, 640, 800, 1024])('nothing has to be scrolled sideways at %i pixels', async (width) => {
    const { page, leave } = await open(browser, server.url, '#/?lang=fr&view=table', { viewport: { width, height: 700 } })
    await page.waitForSelector('.stage[aria-busy="false"]')
    expect(await tooWide(page)).toBeLessThanOrEqual(0)
    await leave()
  })

  test('reduced motion is respected', async () => {
    const { page, leave } = await open(browser, server.url, '#/?lang=fr', { reducedMotion: 'reduce' })
    await ready(page)
    const moving = await page.evaluate(() => document.getAnimations().filter((a) => a.playState === 'running').length)
    expect(moving).toBe(0)
    await leave()
  })
})
