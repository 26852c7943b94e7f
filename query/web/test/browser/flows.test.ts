import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { FlowRows } from '../../src/flow'
import { number } from '../../src/number'
import { LINES, levels, overview } from '../../src/overview'
import { Zones } from '../../src/zone'
import { browser, canRun, drawn, land, open, server, shot, tooWide, visiting } from './harness'
import { digits } from './territory'

describe.skipIf(!canRun)('the flows of a territory', () => {
  visiting()

  const pairs = async (flow: string, query: string): Promise<FlowRows> => await (await fetch(`${server.url}flows/${flow}?${query}`)).json() as FlowRows

  test('are drawn from the greatest, and the legend adds the others up as the server’s figures do', async (context) => {
    const found = land.flow
    if (!found) return context.skip('this territory has no flows')
    const { layer, flow } = found
    const o = overview(await pairs(flow.id, `zones=${flow.zones}&slot=${flow.slots[0]}`))
    const { page, errors, leave } = await open(browser, server.url, `#/${layer.id}?show=${flow.id}&lang=fr`)
    await drawn(page)
    await page.waitForSelector('.legend-wide p')
    const said = (await page.locator('.legend-wide').innerText()).replace(/[\u00a0\u202f]/g, ' ')
    expect(said).toContain(o.drawn.length === LINES ? `Les ${LINES} plus grands trajets` : `${o.drawn.length}`)
    if (!flow.table && o.others.pairs) for (const v of [o.sum, o.others.value]) expect(digits(said)).toContain(digits(number(v, 'fr', flow.decimals)))
    expect(errors).toEqual([])
    await shot(page, 'flows-wide')
    await leave()
  })

  test('are put together from afar, and taken apart again from near', async (context) => {
    const found = land.flow
    if (!found) return context.skip('this territory has no flows')
    const { layer, flow } = found
    const all = levels(land.catalog, flow, new Zones(await land.zones(flow.zones)))
    if (all.length < 2) return context.skip('this territory has no zones above those of its flows')
    const [west, south, east, north] = land.catalog.territory.bbox
    const at = (zoom: number) => `#/${layer.id}?show=${flow.id}&lang=en&at=${zoom}/${(south + north) / 2}/${(west + east) / 2}`
    const coarse = all.at(-1)!
    const { page, errors, requests, leave } = await open(browser, server.url, at(7))
    await drawn(page)
    await page.waitForFunction((name) => document.querySelector('.legend-wide')?.textContent?.includes(name), coarse.title.en.toLowerCase())
    expect(requests.some((r) => r.includes(`/flows/${flow.id}?`) && r.includes(`zones=${coarse.id}`) && r.includes('top=300'))).toBe(true)
    await shot(page, 'flows-afar')
    await page.getByRole('button', { name: 'Zoom in' }).focus()
    for (let k = 0; k < 4; k++) { await page.keyboard.press('Enter'); await page.waitForTimeout(600) }
    await page.waitForFunction((name) => document.querySelector('.legend-wide')?.textContent?.includes(name), all[0]!.title.en.toLowerCase())
    expect(errors).toEqual([])
    await leave()
  })

  test('are a table, journey by journey, that the keyboard reaches and takes away', async (context) => {
    const found = land.flow
    if (!found) return context.skip('this territory has no flows')
    const { layer, flow } = found
    const rows = await pairs(flow.id, `zones=${flow.zones}&slot=${flow.slots[0]}`)
    const { page, leave } = await open(browser, server.url, `#/${layer.id}?show=${flow.id}&lang=fr&view=table`)
    await page.waitForSelector('.grid tbody tr')
    await page.getByRole('button', { name: 'Trajet par trajet', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('.grid thead')?.textContent?.includes('Origine'))
    await page.locator('.download').focus()
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    const lines = readFileSync(await file.path(), 'utf8').trim().split('\r\n')
    expect(lines.length - 1).toBe(rows.value.length)
    await leave()
  })

  test('answer the question for the whole territory before a place is chosen', async (context) => {
    const found = land.flow
    if (!found) return context.skip('this territory has no flows')
    const { page, errors, leave } = await open(browser, server.url, '#/q/2?lang=fr', { viewport: { width: 375, height: 812 } })
    await page.waitForFunction(() => /trajet/.test(document.querySelector('.answer p')?.textContent ?? ''))
    await drawn(page)
    expect(await tooWide(page)).toBeLessThanOrEqual(0)
    await shot(page, 'flows-phone')
    await page.locator('.ways button', { hasText: 'Par exemple' }).click()
    await page.waitForFunction(() => location.hash.includes('zone='))
    expect(errors).toEqual([])
    await leave()
  })
})
