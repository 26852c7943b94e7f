import { describe, expect, test } from 'vitest'
import { browser, canRun, drawn, open, server, visiting } from './harness'

/** What the first view may cost, compressed, on the wire. */
const BUDGET = 650_000

describe.skipIf(!canRun)('what a visit costs', () => {
  visiting()

  test('the first view stays under 650 kB, and the footer tells the truth about it', async () => {
    const before = server.sent?.() ?? 0
    const { page, requests, leave } = await open(browser, server.url)
    await drawn(page)
    await page.waitForTimeout(800)
    const told = await page.locator('.footer .cost').innerText()
    const shown = told.match(/([\d\s\u202f\u00a0]+(?:,\d)?)\s(ko|Mo)/)!
    const bytes = Number(shown[1]!.replace(/\s/g, '').replace(',', '.')) * (shown[2] === 'Mo' ? 1e6 : 1e3)
    const wire = server.sent ? server.sent() - before : bytes
    console.log(`first view: ${wire} bytes on the wire, ${bytes} told, ${requests.length} requests`)
    expect(wire).toBeLessThan(BUDGET)
    expect(Math.abs(bytes - wire) / wire).toBeLessThan(0.05)
    await leave()
  })

  test('the table costs neither the map nor its tiles', async () => {
    const { page, requests, leave } = await open(browser, server.url, '#/?view=table&lang=fr')
    await page.waitForSelector('.stage[aria-busy="false"]')
    expect(requests.filter((r) => /\/tiles\/|map-\w|worker/.test(r))).toEqual([])
    await leave()
  })
})
