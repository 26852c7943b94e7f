import { describe, expect, test } from 'vitest'
import { tallLayer } from '../../src/map/relief'
import { following, hourOf, track } from '../../src/slot'
import { browser, canRun, drawn, land, open, server, shot, violations, visiting } from './harness'

describe.skipIf(!canRun)('buildings in relief, and the day in motion', () => {
  visiting()

  test('stand up when asked for, with the keyboard, and lie down again', async (context) => {
    const offer = land.ofPlaces
    const tall = tallLayer(land.catalog)
    if (!offer) return context.skip('this territory has no figures by commune')
    const zones = await land.zones(offer.layer.zones!)
    const frame = await land.frame(offer, offer.measure.slots[0]!)
    const i = frame.value.reduce<number>((best, v, k) => ((v ?? 0) > (frame.value[best] ?? 0) ? k : best), 0)
    const { page, errors, leave } = await open(browser, server.url, `#/${offer.layer.id}?show=${offer.measure.id}&at=14.6/${zones.lat[i]}/${zones.lon[i]}&lang=fr`)
    await drawn(page)
    const button = page.getByRole('button', { name: 'bâtiments en relief' })
    if (!tall) {
      expect(await button.count()).toBe(0)
      await leave()
      return
    }
    expect(await button.getAttribute('aria-pressed')).toBe('false')
    const flat = await page.locator('.map').screenshot()
    await button.focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => location.hash.includes('relief=1'))
    expect(await page.locator('.legend-heights').innerText()).toContain('18 et plus')
    await page.waitForTimeout(3000)
    await page.getByRole('button', { name: 'Tourner la vue' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForTimeout(3000)
    expect((await page.locator('.map').screenshot()).equals(flat)).toBe(false)
    await shot(page, 'relief')
    expect(await violations(page)).toEqual([])
    await button.focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => !location.hash.includes('relief='))
    expect(await page.locator('.legend-heights').count()).toBe(0)
    expect(errors).toEqual([])
    await leave()
  })

  test('plays the day with the keyboard, more slowly where motion is unwelcome, and says where it stopped', async (context) => {
    const hourly = land.hourly
    if (!hourly || !hourly.measure.slots.some((s) => hourOf(s))) return context.skip('this territory has no hourly figures')
    const slots = hourly.measure.slots
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      const { page, errors, leave } = await open(browser, server.url, `#/${hourly.layer.id}?show=${hourly.measure.id}&slot=weekday-08&lang=fr`, { reducedMotion })
      await drawn(page)
      await page.getByRole('button', { name: 'Lecture' }).focus()
      const began = Date.now()
      await page.keyboard.press('Enter')
      const third = [1, 2, 3].reduce((s) => following(slots, s), 'weekday-08')
      await page.waitForFunction((s) => location.hash.includes(`slot=${s}`), third)
      const took = Date.now() - began
      if (reducedMotion === 'reduce') expect(took).toBeGreaterThan(3500)
      await page.getByRole('button', { name: 'Pause' }).focus()
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => /h – \d+ h/.test(document.querySelector('p[role=status].unseen')?.textContent ?? ''))
      expect(track(slots, 'weekday-08')).toContain(third)
      expect(errors).toEqual([])
      await leave()
    }
  })
})
