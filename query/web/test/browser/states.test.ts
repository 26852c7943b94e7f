import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { firstSlot } from '../../src/slot'
import { browser, canRun, drawn, land, open, server, shot, visiting } from './harness'

/** Changes the catalogue on its way to the page. */
const withCatalog = (page: Page, change: (catalog: Record<string, unknown>) => object) =>
  page.route('**/catalog', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ json: change(await response.json() as Record<string, unknown>), headers: { 'cache-control': 'no-store' } })
  })

describe.skipIf(!canRun)('when things go wrong', () => {
  visiting()

  test('an unreachable server is explained, and trying again works', async () => {
    const { page, leave } = await open(browser, server.url, '#/?view=table&lang=fr', {}, (p) => p.route('**/catalog', (r) => r.abort('connectionrefused')))
    await page.waitForSelector('[role=alert]')
    expect(await page.locator('h1').innerText()).toBe('Le serveur ne répond pas')
    await shot(page, 'error-unreachable')
    await page.unroute('**/catalog')
    await page.getByRole('button', { name: 'Réessayer' }).click()
    await page.waitForSelector('.grid tbody tr')
    await leave()
  })

  test('a server that says no is quoted with its hint, and the rest of the page stays', async (context) => {
    const offer = land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const { page, leave } = await open(browser, server.url, `#/${offer.layer.id}?view=table&lang=en`, {}, (p) => p.route('**/values/**', (r) => r.fulfill({
      status: 500, contentType: 'application/problem+json', body: JSON.stringify({ title: 'internal error', detail: 'frame a1b2 cannot be read', hint: 'tell the operator this id' }),
    })))
    await page.waitForSelector('.trouble')
    expect(await page.locator('.trouble').innerText()).toContain('frame a1b2 cannot be read – tell the operator this id')
    expect(await page.locator('.subject').count()).toBe(land.subjects.length)
    await shot(page, 'error-figures')
    await page.unroute('**/values/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.waitForSelector('.grid tbody tr')
    expect(await page.locator('.trouble').count()).toBe(0)
    await leave()
  })

  test('a subject that does not exist is said so, with a way on', async () => {
    const { page, leave } = await open(browser, server.url, '#/no_such_subject?lang=fr')
    await page.waitForSelector('[role=alert]')
    expect(await page.locator('.message').innerText()).toContain('no_such_subject')
    await shot(page, 'error-subject')
    await page.locator('.message .primary').click()
    await page.waitForFunction((title) => document.querySelector('h1')!.textContent === title, land.subjects[0]!.title.fr)
    await leave()
  })

  test('a slot, zone or measure that does not exist falls back quietly', async (context) => {
    const offer = land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const { page, errors, leave } = await open(browser, server.url, `#/${offer.layer.id}?view=table&lang=fr&slot=weekday-77&zone=nowhere&show=nothing`)
    await page.waitForSelector('.grid tbody tr')
    expect(await page.locator('.trouble').count()).toBe(0)
    expect(errors).toEqual([])
    await leave()
  })

  test('an empty release says what to do', async () => {
    const { page, leave } = await open(browser, server.url, '#/?lang=fr', {}, (p) => withCatalog(p, (c) => ({ ...c, layers: [], measures: null, flows: null })))
    await page.waitForSelector('.message')
    expect(await page.locator('h1').innerText()).toBe('Rien à montrer pour l’instant')
    await shot(page, 'empty')
    await leave()
  })

  test('a new release is noticed discreetly, and can be put off', async () => {
    const { page, leave } = await open(browser, server.url, '#/?view=table&lang=fr')
    await page.waitForSelector('.grid tbody tr, .grid, .empty')
    await withCatalog(page, (c) => ({ ...c, release: '2099-01-01T0000Z-ffffff' }))
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await page.waitForSelector('.newer')
    await shot(page, 'new-release')
    await page.getByRole('button', { name: 'Plus tard' }).click()
    expect(await page.locator('.newer').count()).toBe(0)
    await leave()
  })

  test('without WebGL the table still works and says why', async (context) => {
    const offer = land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const { page, leave } = await open(browser, server.url, `#/${offer.layer.id}?lang=fr`, {}, (p) => p.addInitScript(() => {
      const get = HTMLCanvasElement.prototype.getContext
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
        return /webgl|webgpu/.test(kind) ? null : (get as (...a: unknown[]) => unknown).call(this, kind, ...rest)
      } as typeof get
    }))
    await page.waitForSelector('.grid tbody tr')
    expect(await page.locator('.no-webgl').innerText()).toContain('WebGL')
    expect(await page.getByRole('button', { name: 'Carte' }).isDisabled()).toBe(true)
    await shot(page, 'no-webgl')
    await leave()
  })

  test('while the figures are on their way the page says it is loading', async (context) => {
    const offer = land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    let release = () => undefined as void
    const { page, leave } = await open(browser, server.url, `#/${offer.layer.id}?view=table&lang=fr`, {}, (p) => p.route('**/values/**', async (r) => {
      await new Promise<void>((go) => { release = go })
      await r.continue()
    }))
    await page.waitForSelector('.stage[aria-busy="true"] .bone-table')
    await page.waitForTimeout(900)
    await shot(page, 'loading')
    release()
    await page.waitForSelector('.stage[aria-busy="false"] .grid tbody tr')
    await leave()
  })

  test('a slow answer never overwrites a later one', async (context) => {
    const hourly = land.hourly
    if (!hourly) return context.skip('this territory has no hourly figures')
    const first = firstSlot(hourly.measure.slots)
    const { page, leave } = await open(browser, server.url, `#/${hourly.layer.id}?show=${hourly.measure.id}&view=table&lang=en`, {}, (p) => p.route(`**/values/**slot=*`, async (r) => {
      if (r.request().url().includes(`slot=${first}`)) await new Promise((go) => setTimeout(go, 1500))
      await r.continue()
    }))
    await page.waitForSelector('.time')
    await page.locator('.time input[type=range]').focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForSelector('.grid tbody tr')
    const soon = await page.locator('.grid tbody tr').first().innerText()
    await page.waitForTimeout(1800)
    expect(await page.locator('.grid tbody tr').first().innerText()).toBe(soon)
    await leave()
  })

  test('a broken tile is told, and the rest of the map drawn', async (context) => {
    const offer = land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const { page, leave } = await open(browser, server.url, `#/${offer.layer.id}?lang=en`, {}, (p) => p.context().route(`**/tiles/${offer.layer.id}/**`, (r) => r.fulfill({ status: 503, body: '' })).then(() => undefined))
    await drawn(page)
    await page.waitForSelector('.map-hint')
    expect(await page.locator('.map-hint').innerText()).toContain('could not be loaded')
    await leave()
  })
})
