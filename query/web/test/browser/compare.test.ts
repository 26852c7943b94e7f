import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { comparable } from '../../src/compare'
import { firstSlot, slotBrief } from '../../src/slot'
import { browser, canRun, drawn, hash, land, open, server, shot, violations, visiting } from './harness'

let past: { id: string }[]

describe.skipIf(!canRun)('two maps', () => {
  visiting()
  beforeAll(async () => {
    past = (await (await fetch(`${server.url}releases`)).json() as { releases: { id: string; current: boolean }[] }).releases.filter((r) => !r.current)
  })

  test('of two moments are cut by a line that the keyboard moves, and move together', async (context) => {
    const hourly = land.hourly
    if (!hourly) return context.skip('this territory has no hourly figures')
    const slot = firstSlot(hourly.measure.slots)
    const vs = comparable(hourly.measure, slot)[5]!
    const { page, errors, leave } = await open(browser, server.url, `#/${hourly.layer.id}?show=${hourly.measure.id}&lang=fr`)
    await drawn(page)
    await page.getByRole('button', { name: 'Comparer' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Comparer avec').selectOption(vs)
    await page.waitForSelector('.other-map canvas')
    expect(await page.locator('.side-before').innerText()).toBe(slotBrief(vs, 'fr'))
    await page.waitForFunction(() => /Entre .* et .*/.test(document.querySelector('.compare-said')?.textContent ?? ''))
    const line = page.getByRole('slider', { name: 'Ligne de partage' })
    const before = (await line.boundingBox())!.x
    await line.focus()
    for (let k = 0; k < 5; k++) await page.keyboard.press('ArrowRight')
    expect((await line.boundingBox())!.x).toBeGreaterThan(before + 50)
    expect(await line.getAttribute('aria-valuenow')).toBe('60')
    await page.waitForTimeout(1500)
    await shot(page, 'compare-swipe')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Côte à côte' }).click()
    await page.waitForFunction(() => location.hash.includes('beside=1'))
    const here = await hash(page)
    await page.locator('.other-map canvas').focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction((was) => location.hash !== was && location.hash.includes('at='), here)
    await page.waitForTimeout(1500)
    await shot(page, 'compare-beside')
    expect(errors).toEqual([])
    await leave()
  })

  test('of two releases show the same place then and now, as a table too', async (context) => {
    const offer = land.ofPlaces && land.subjects.flatMap((layer) => layer.measures?.includes('residents') || layer.measures?.includes('population') ? [layer] : [])[0]
    if (!offer || past.length === 0) return context.skip('this territory has no earlier release, or no residents by commune')
    const show = offer.measures!.find((m) => m === 'residents' || m === 'population')!
    const address = `#/${offer.id}?show=${show}&vs=r/${past[0]!.id}&beside=1&lang=en`
    const { page, errors, requests, leave } = await open(browser, server.url, address, { viewport: { width: 375, height: 812 } })
    await page.waitForSelector('.other-map canvas')
    await drawn(page)
    await page.waitForTimeout(1500)
    expect(requests.some((r) => r.includes(`/r/${past[0]!.id}/tiles/`))).toBe(true)
    expect(await page.locator('.side-before').innerText()).toMatch(/release of/)
    await shot(page, 'compare-releases-phone')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Table' }).click()
    await page.waitForSelector('.grid tbody tr')
    const zones = await land.zones(offer.zones!)
    const [then, now] = await Promise.all([past[0]!.id, land.catalog.release].map(async (id) => await (await fetch(`${server.url}r/${id}/values/${show}?zones=${offer.zones}&slot=all`)).json() as { value: (number | null)[] }))
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.download').click()])
    const lines = readFileSync(await file.path(), 'utf8').trim().split('\r\n').slice(1).map((l) => l.split(','))
    for (const l of lines.slice(0, 10)) {
      const i = zones.ids.indexOf(l[0]!)
      if (/"/.test(l.join())) continue
      expect([l[3], l[5]]).toEqual([then!.value[i], now!.value[i]].map((v) => (v == null ? '' : String(v))))
    }
    expect(errors).toEqual([])
    await leave()
  })

  test('of a release that is gone, or has no such figure, say so', async (context) => {
    const hourly = land.hourly
    if (!hourly) return context.skip('this territory has no hourly figures')
    const { page, leave } = await open(browser, server.url, `#/${hourly.layer.id}?show=${hourly.measure.id}&vs=r/2001-01-01T0000Z-000000&lang=fr`)
    await page.waitForFunction(() => /n’a pas pu être lu/.test(document.querySelector('.compare-said')?.textContent ?? ''))
    await shot(page, 'compare-gone')
    await page.getByRole('button', { name: 'Ne plus comparer' }).click()
    await page.waitForFunction(() => !location.hash.includes('vs='))
    await leave()
  })

  test('cost nothing until something is compared or drawn', async () => {
    const { page, requests, leave } = await open(browser, server.url)
    await drawn(page)
    expect(requests.filter((r) => /\/assets\/(Compare|Area|Ask|read)-|\/releases$/.test(r))).toEqual([])
    await leave()
  })
})
