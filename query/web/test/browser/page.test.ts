import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { counted } from '../../src/catalog'
import { number } from '../../src/number'
import { firstSlot, slotWords, track } from '../../src/slot'
import { browser, canRun, drawn, land, open, server, shot, visiting } from './harness'
import { digits } from './territory'

describe.skipIf(!canRun)('the page', () => {
  visiting()

  test('opens on the first question with its map, legend, source, licence, vintage and release, and asks no other host', async () => {
    const { page, errors, hosts, leave } = await open(browser, server.url)
    await drawn(page)
    const first = land.subjects[0]!
    expect(await page.locator('h1').innerText()).toBe(first.title.fr)
    expect(await page.locator('.subject').count()).toBe(land.subjects.length)
    const source = land.catalog.sources.find((s) => s.id === (land.any && first.measures?.includes(land.any.measure.id) ? land.any.measure.source : first.source))
    const line = await page.locator('.source-line').innerText()
    if (source) for (const text of [source.producer, source.licence, source.vintage].filter(Boolean)) expect(line).toContain(text)
    expect(await page.locator('.footer').innerText()).toContain(land.catalog.release)
    expect(await page.locator('.footer').innerText()).toMatch(/\d[\d,\u202f\u00a0 ]*\s?[kM]o transférés/)
    if (land.catalog.territory.synthetic) expect(await page.locator('.source-line .synthetic').innerText()).toBe('données fictives')
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('fr')
    expect([...hosts]).toEqual([new URL(server.url).host])
    expect(errors).toEqual([])
    await shot(page, 'wide-fr')
    await leave()
  })

  test('moves the hour by changing values, not tiles, and the address follows', async (context) => {
    const hourly = land.hourly
    if (!hourly) return context.skip('this territory has no hourly figures')
    const slots = track(hourly.measure.slots, firstSlot(hourly.measure.slots))
    const { page, requests, leave } = await open(browser, server.url, `#/${hourly.layer.id}?show=${hourly.measure.id}`)
    await drawn(page)
    const before = await page.locator('.map').screenshot()
    const tiles = requests.filter((r) => r.includes('/tiles/')).length
    await page.locator('.time input[type=range]').focus()
    for (let k = 0; k < 5; k++) await page.keyboard.press('ArrowRight')
    const slot = slots[Math.min(slots.length - 1, slots.indexOf(firstSlot(slots)) + 5)]!
    await page.waitForFunction((s) => location.hash.includes(`slot=${s}`), slot)
    await page.waitForSelector('.stage[aria-busy="false"]')
    await page.waitForTimeout(500)
    expect(requests.filter((r) => r.includes('/tiles/')).length).toBe(tiles)
    expect(requests.some((r) => r.includes(`/values/${hourly.measure.id}`) && r.includes(`slot=${slot}`))).toBe(true)
    expect((await page.locator('.map').screenshot()).equals(before)).toBe(false)
    expect(await page.locator('.time input[type=range]').getAttribute('aria-valuetext')).toBe(slotWords(slot, 'fr', counted(land.catalog, hourly.measure)))
    await leave()
  })

  test('counts in its legend what the frame holds, the three states apart', async (context) => {
    const offer = land.hourly ?? land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const slot = firstSlot(offer.measure.slots)
    const frame = await land.frame(offer, slot)
    const { page, leave } = await open(browser, server.url, `#/${offer.layer.id}?show=${offer.measure.id}`)
    await page.waitForSelector('.legend-rows')
    const rows = await page.locator('.legend-rows li').evaluateAll((list) => list.map((li) => [li.children[1]!.textContent, li.querySelector('.count')?.textContent] as [string, string]))
    const count = (start: string) => Number(digits(rows.find(([text]) => text.startsWith(start))?.[1] ?? ''))
    expect(count('Non publié')).toBe(frame.flag.filter((f) => f === 2).length)
    expect(count('Pas de donnée')).toBe(frame.flag.filter((f, i) => f !== 2 && (f === 3 || frame.value[i] === null)).length)
    if (rows.some(([text]) => text === 'Zéro')) expect(count('Zéro')).toBe(frame.value.filter((v, i) => v === 0 && frame.flag[i] !== 2 && frame.flag[i] !== 3).length)
    const states = await page.locator('.legend-rows li').filter({ hasText: /Non publié|Pas de donnée|Zéro/ }).locator('svg').evaluateAll((list) => list.map((s) => s.innerHTML))
    expect(new Set(states).size).toBe(states.length)
    await leave()
  })

  test('shows the figures of the zone that is clicked, equal to the server’s, and a link reproduces the view', async (context) => {
    const offer = land.ofPlaces ?? land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const slot = firstSlot(offer.measure.slots)
    const [zones, frame] = [await land.zones(offer.layer.zones!), await land.frame(offer, slot)]
    const i = frame.value.findIndex((v) => v !== null && v > 0)
    const { page, errors, leave } = await open(browser, server.url, `#/${offer.layer.id}?show=${offer.measure.id}&at=12.5/${zones.lat[i]}/${zones.lon[i]}`)
    await drawn(page)
    const box = (await page.locator('.map canvas').boundingBox())!
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
    await page.waitForSelector('.panel .figure-value')
    expect(await page.locator('.panel h2').innerText()).toContain(zones.names[i] || '')
    expect(digits(await page.locator('.panel .figure-value').first().innerText())).toContain(digits(number(frame.value[i]!, 'fr', offer.measure.decimals)))
    if (frame.lo?.[i] != null && frame.hi?.[i] != null && frame.lo[i] !== frame.hi[i]) expect(await page.locator('.panel .figure').innerText()).toMatch(/Entre .* à 95 %/)
    await page.waitForFunction((id) => location.hash.includes(encodeURIComponent(id)), zones.ids[i]!)
    await shot(page, 'wide-zone')
    const link = page.url()
    const again = await open(browser, link)
    await again.page.waitForSelector('.panel .figure-value')
    expect(await again.page.locator('.panel h2').innerText()).toBe(await page.locator('.panel h2').innerText())
    expect(await again.page.locator('.panel .figure-value').first().innerText()).toBe(await page.locator('.panel .figure-value').first().innerText())
    expect(errors).toEqual([])
    await again.leave()
    await leave()
  })

  test('draws the week of a zone with the hour shown, and the hour can be picked on the curve', async (context) => {
    const hourly = land.hourly
    if (!hourly) return context.skip('this territory has no hourly figures')
    const zones = await land.zones(hourly.layer.zones!)
    const frame = await land.frame(hourly, 'weekday-08')
    const i = frame.value.findIndex((v) => v !== null && v > 0)
    const { page, leave } = await open(browser, server.url, `#/${hourly.layer.id}?show=${hourly.measure.id}&zone=${encodeURIComponent(zones.ids[i]!)}&slot=weekday-08&lang=en&view=table`)
    const chart = page.locator('.profile svg[role=img]')
    await chart.waitFor()
    expect(await chart.locator('.line').count()).toBe(3)
    const x = Number(await chart.locator('.now').getAttribute('x1'))
    await page.locator('.time input[type=range]').focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction((was) => Number(document.querySelector('.profile .now')?.getAttribute('x1')) > was, x)
    const box = (await chart.boundingBox())!
    await page.mouse.click(box.x + box.width * 0.9, box.y + box.height / 2)
    await page.waitForFunction(() => /slot=weekday-2[0-3]/.test(location.hash))
    await page.locator('.profile summary').click()
    expect(await page.locator('.profile tbody tr').count()).toBe(24)
    await leave()
  })

  test('gives the same figures as a table: sorted, filtered, and as a file', async (context) => {
    const offer = land.ofPlaces ?? land.any
    if (!offer) return context.skip('this territory has no figures by zone')
    const slot = firstSlot(offer.measure.slots)
    const [zones, frame] = [await land.zones(offer.layer.zones!), await land.frame(offer, slot)]
    const { page, requests, leave } = await open(browser, server.url, `#/${offer.layer.id}?show=${offer.measure.id}&view=table`)
    await page.waitForSelector('.grid tbody tr')
    expect(requests.some((r) => /map-|worker/.test(r))).toBe(false)
    const cells = () => page.locator('.grid tbody tr').evaluateAll((rows) => rows.map((r) => [r.children[0]!.textContent!, r.querySelector('td.num')!.textContent!] as [string, string]))
    const expected = frame.value.map((v, i) => ({ name: zones.names[i]!, v })).filter((r) => r.v !== null).sort((a, b) => b.v! - a.v!)
    const shown = (await cells()).filter(([, v]) => v !== '')
    expect(shown.slice(0, 5).map(([, v]) => digits(v))).toEqual(expected.slice(0, 5).map((r) => digits(number(r.v!, 'fr', offer.measure.decimals))))
    await page.locator('.grid thead th').first().getByRole('button').click()
    expect(await page.locator('.grid thead th').first().getAttribute('aria-sort')).toBe('ascending')
    const names = (await cells()).map(([n]) => n)
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'fr', { numeric: true })))
    const wanted = expected[2]!.name
    await page.locator('.filter input').fill(wanted.toUpperCase())
    await page.waitForFunction(() => document.querySelectorAll('.grid tbody tr').length <= 3)
    expect((await cells()).map(([n]) => n)).toContain(wanted)
    await page.locator('.filter input').fill('')
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.download').click()])
    const lines = readFileSync(await file.path(), 'utf8').trim().split('\r\n')
    expect(lines).toHaveLength(zones.ids.length + 1)
    expect(lines[0]).toContain('licence')
    expect(lines[1]).toContain(land.catalog.release)
    await shot(page, 'table-fr')
    await leave()
  })

  test('pages a long table', async (context) => {
    const long = [land.hourly, land.any].find((o) => o && (land.catalog.zone_systems.find((s) => s.id === o.layer.zones)?.count ?? 0) > 500)
    if (!long) return context.skip('this territory has no zone system of more than 500')
    const { page, leave } = await open(browser, server.url, `#/${long.layer.id}?view=table&lang=en`)
    await page.waitForSelector('.grid tbody tr')
    expect(await page.locator('.grid tbody tr').count()).toBe(100)
    const first = await page.locator('.grid tbody tr').first().innerText()
    await page.getByRole('button', { name: 'Next' }).last().click()
    await page.waitForFunction((was) => document.querySelector('.grid tbody tr')!.textContent !== was, first)
    expect(await page.locator('.pages').innerText()).toMatch(/Page 2 of/)
    await leave()
  })

  test('finds a commune without its accents, by keyboard, and keeps to it', async () => {
    const places = await land.zones(land.places)
    const i = Math.max(0, places.names.findIndex((n) => /[éèêœç]/.test(n)))
    const typed = places.names[i]!.normalize('NFD').replace(/\p{M}/gu, '').replace('œ', 'oe').toUpperCase()
    const { page, leave } = await open(browser, server.url, '#/?lang=fr')
    await page.waitForSelector('[role=combobox]')
    await page.locator('[role=combobox]').fill(typed)
    await page.keyboard.press('ArrowDown')
    const active = await page.locator('[role=combobox]').getAttribute('aria-activedescendant')
    expect(await page.locator(`[id="${active}"]`).innerText()).toBe(places.names[i])
    await page.keyboard.press('Enter')
    await page.waitForFunction((id) => location.hash.includes(`place=${id}`) || location.hash.includes(`zone=${id}`), places.ids[i]!)
    expect(await page.locator('[role=listbox]').isVisible()).toBe(false)
    await leave()
  })

  test('is complete in English, and switches without losing the view', async () => {
    const { page, leave } = await open(browser, server.url, '', { locale: 'en-GB' })
    await drawn(page)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
    expect(await page.locator('h1').innerText()).toBe(land.subjects[0]!.title.en || land.subjects[0]!.title.fr)
    const chrome = await page.locator('.header, .time, .map-tools, .legend-rows, .footer').allInnerTexts()
    expect(chrome.join(' ')).not.toMatch(/Chercher|Semaine|Non publié|Zéro|transférés|Dimanche/)
    await shot(page, 'wide-en')
    // The place is written once the map has come to rest, which a longer title may make it do again.
    const view = () => new URL(page.url()).hash.replace(/lang=\w+|at=[^&]*&?/g, '')
    const before = view()
    expect(before).toContain(land.subjects[0]!.id)
    await page.getByRole('button', { name: 'Français' }).click()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('fr')
    expect(view()).toBe(before)
    await leave()
  })

  test('shows where people come from: lines, bars that add up, and the table', async (context) => {
    const flow = land.flow
    if (!flow) return context.skip('this territory has no flows')
    const zones = await land.zones(flow.flow.zones)
    const slot = flow.flow.slots[0]!
    const all = await (await fetch(`${server.url}flows/${flow.flow.id}?zones=${flow.flow.zones}&slot=${slot}`)).json() as { origin: number[]; destination: number[]; value: (number | null)[] }
    const into = new Map<number, number>()
    all.origin.forEach((o, k) => { if (o !== all.destination[k]) into.set(all.destination[k]!, (into.get(all.destination[k]!) ?? 0) + (all.value[k] ?? 0)) })
    const [i, total] = [...into].sort((a, b) => b[1] - a[1])[0]!
    const { page, leave } = await open(browser, server.url, `#/${flow.layer.id}?show=${flow.flow.id}&lang=fr`)
    await drawn(page)
    await shot(page, 'flows-all')
    await page.evaluate((id) => { location.hash = location.hash + `&zone=${id}` }, zones.ids[i]!)
    await page.waitForSelector('.bars li')
    await page.waitForTimeout(600)
    expect(digits(await page.locator('.figure-value').innerText())).toBe(digits(number(total, 'fr', flow.flow.decimals)))
    const bars = (await page.locator('.bars .num').allInnerTexts()).map((t) => Number(digits(t)))
    expect(bars.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 0)
    await shot(page, 'flows-zone')
    await page.getByRole('button', { name: 'Tableau' }).click()
    await page.waitForSelector('.grid tbody tr')
    expect(await page.locator('.grid thead').innerText()).toContain('Origine')
    await page.getByRole('button', { name: 'Départs' }).click()
    await page.waitForFunction(() => document.querySelector('.grid thead')!.textContent!.includes('Destination'))
    await leave()
  })

  test('lists the features of a place and shows the one that is chosen', async (context) => {
    const layer = land.features
    if (!layer) return context.skip('this territory has no subject without zones')
    const places = await land.zones(land.places)
    const { page, leave } = await open(browser, server.url, `#/${layer.id}?view=table&lang=fr&place=${places.ids[0]}`)
    await page.waitForSelector('.grid tbody tr, .empty')
    const row = page.locator('.row-name').first()
    if (await row.count() === 0) return context.skip('the first place of this territory has none of these features')
    const name = await row.innerText()
    await row.click()
    await page.waitForSelector('.panel .facts')
    expect(await page.locator('.panel').innerText()).toContain(name)
    await shot(page, 'features-table')
    await leave()
  })

  test('says what every source is worth', async () => {
    const { page, leave } = await open(browser, server.url, '#/?view=table&lang=fr')
    await page.locator('.header-tools .tool').last().click()
    await page.waitForSelector('dialog[open]')
    expect(await page.locator('.source-card').count()).toBe(land.catalog.sources.length)
    for (const s of land.catalog.sources.filter((x) => !x.absent).slice(0, 3)) {
      const card = await page.locator('.source-card').nth(land.catalog.sources.indexOf(s)).innerText()
      expect(card).toContain(s.licence || 'non précisé')
      expect(digits(card)).toContain(String(s.read))
    }
    await shot(page, 'about')
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    await leave()
  })

  test('a protected figure says what it counts, how sure it is, and in one click how people are protected', async (context) => {
    const offer = land.protected
    if (!offer) return context.skip('this territory has no figures drawn from people')
    const slot = firstSlot(offer.measure.slots)
    const [zones, frame] = [await land.zones(offer.layer.zones!), await land.frame(offer, slot)]
    const i = frame.value.findIndex((v) => v !== null)
    for (const [lang, different, protects] of [['fr', /différent/, 'Comment les personnes sont protégées'], ['en', /different/, 'How people are protected']] as const) {
      const { page, errors, leave } = await open(browser, server.url, `#/${offer.layer.id}?show=${offer.measure.id}&zone=${encodeURIComponent(zones.ids[i]!)}&lang=${lang}&view=table`)
      await page.waitForSelector('.panel .figure-value')
      const figures = await page.locator('.panel .figure').first().innerText()
      expect(figures).toMatch(different)
      expect(figures).not.toMatch(/moyen|average/)
      expect(digits(figures)).toContain(digits(number(frame.lo![i]!, lang, offer.measure.decimals)))
      expect(figures).toMatch(lang === 'fr' ? /à 95 %/ : /at 95%/)
      if (await page.locator('.time').count()) expect(await page.locator('.time-words').innerText()).toMatch(different)
      await page.locator('.source-line').getByRole('button', { name: protects }).click()
      await page.waitForSelector('dialog .promises')
      const card = (await (await fetch(`${server.url}privacy/${offer.measure.source}`, { headers: { accept: 'application/json' } })).json() as { cards: { gate: { k: number } }[] }).cards[0]!
      const text = await page.locator('dialog').innerText()
      expect(text).toContain(`${card.gate.k} `)
      expect(text).not.toMatch(lang === 'en' ? /personnes|Aucun/ : /people|No figure/)
      await shot(page, `privacy-${lang}`)
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog', { state: 'detached' })
      expect(errors).toEqual([])
      await leave()
    }
  })

  test('explains what is not published where nobody and too few look the same', async (context) => {
    const offer = land.protected
    if (!offer) return context.skip('this territory has no figures drawn from people')
    const slot = offer.measure.slots.find((s) => /-0[0-3]/.test(s)) ?? offer.measure.slots[0]!
    const [zones, frame] = [await land.zones(offer.layer.zones!), await land.frame(offer, slot)]
    const i = frame.flag.findIndex((f) => f === 2)
    if (i < 0) return context.skip('this territory has no withheld figure')
    const { page, leave } = await open(browser, server.url, `#/${offer.layer.id}?show=${offer.measure.id}&slot=${slot}&zone=${encodeURIComponent(zones.ids[i]!)}&lang=fr&view=table`)
    await page.waitForSelector('.panel .flag-2')
    expect(await page.locator('.panel .flag-2').innerText()).toContain('Les deux se ressemblent')
    await leave()
  })

  test('moves through spans of hours and half days like through hours', async (context) => {
    const offer = land.spans
    if (!offer) return context.skip('this territory has no figures by half day')
    const zones = await land.zones(offer.layer.zones!)
    const { page, errors, leave } = await open(browser, server.url, `#/${offer.layer.id}?show=${offer.measure.id}&slot=weekday-06-09&zone=${encodeURIComponent(zones.ids[0]!)}&lang=fr&view=table`)
    await page.waitForSelector('.profile')
    expect(await page.locator('.time-words strong').innerText()).toBe('6 h – 9 h')
    await page.locator('.time input[type=range]').focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction(() => location.hash.includes('slot=weekday-09-12'))
    await page.locator('.time').getByRole('button', { name: 'Samedi' }).click()
    await page.waitForFunction(() => location.hash.includes('slot=saturday-09-12'))
    await shot(page, 'three-hours')
    await page.getByRole('button', { name: 'Demi-journées' }).click()
    await page.waitForFunction(() => location.hash.includes('slot=weekday-00-12'))
    await page.waitForSelector('.profile .bar-of')
    expect(await page.locator('.profile .bar-of').count()).toBe(6)
    expect(errors).toEqual([])
    await leave()
  })

  test('writes what codes mean where the declaration says it', async (context) => {
    const layer = land.subjects.find((l) => l.style?.labels)
    if (!layer) return context.skip('this territory has no layer with labels')
    const { page, leave } = await open(browser, server.url, `#/${layer.id}?lang=en`)
    await page.waitForSelector('.legend-rows li')
    const rows = await page.locator('.legend-rows li').allInnerTexts()
    for (const label of Object.values(layer.style!.labels!)) expect(rows).toContain(label.en)
    await leave()
  })

  test('plays the day and stops when told', async (context) => {
    const hourly = land.hourly
    if (!hourly) return context.skip('this territory has no hourly figures')
    const { page, leave } = await open(browser, server.url, `#/${hourly.layer.id}?show=${hourly.measure.id}&lang=fr&view=table`)
    await page.waitForSelector('.time')
    await page.getByRole('button', { name: 'Lecture' }).click()
    const slot = () => page.evaluate(() => new URLSearchParams(location.hash.split('?')[1]).get('slot'))
    await page.waitForFunction(() => /slot=\w+-1\d/.test(location.hash), undefined, { timeout: 20_000 })
    await page.getByRole('button', { name: 'Pause' }).click()
    const stopped = await slot()
    await page.waitForTimeout(1800)
    expect(await slot()).toBe(stopped)
    expect(await page.locator('p[role=status].unseen').innerText()).toBe(slotWords(stopped!, 'fr', counted(land.catalog, hourly.measure)))
    await leave()
  })

  test('goes back as a visitor expects', async (context) => {
    if (land.subjects.length < 2) return context.skip('this territory has no second subject')
    const { page, leave } = await open(browser, server.url, '#/?view=table&lang=fr')
    await page.waitForSelector('.subject')
    const first = await page.locator('h1').innerText()
    await page.locator('.subject').nth(1).click()
    await page.waitForFunction((was) => document.querySelector('h1')!.textContent !== was, first)
    await page.goBack()
    await page.waitForFunction((was) => document.querySelector('h1')!.textContent === was, first)
    await leave()
  })
})
