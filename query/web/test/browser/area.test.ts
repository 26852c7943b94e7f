import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decompress } from 'fzstd'
import { parquetReadObjects } from 'hyparquet'
import { beforeAll, describe, expect, test } from 'vitest'
import { number } from '../../src/number'
import { browser, canRun, drawn, hash, land, open, server, shot, tooWide, violations, visiting } from './harness'
import { digits, type Offer } from './territory'

/** A subject about polygons whose figures may be added up. */
let offer: Offer | undefined

describe.skipIf(!canRun)('an area of one’s own', () => {
  visiting()
  beforeAll(() => {
    offer = land.addable
  })

  const address = (more = '') => `#/${offer!.layer.id}?show=${offer!.measure.id}&lang=fr${more}`

  test('is drawn with the keyboard alone, and the zones in it are those that its box holds', async (context) => {
    if (!offer) return context.skip('this territory has no figures that may be added up')
    const { page, errors, requests, leave } = await open(browser, server.url, address())
    await drawn(page)
    await page.getByRole('button', { name: 'Ma zone' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Tracer sur la carte' }).focus()
    await page.keyboard.press('Enter')
    expect(await page.getByRole('button', { name: 'Terminer' }).isDisabled()).toBe(true)
    await page.locator('.map canvas').focus()
    for (const [k, key] of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'].entries()) {
      await page.keyboard.press('Enter')
      await page.waitForFunction((n) => document.querySelector('.drawing-bar')?.textContent?.includes(`${n} coin`), k + 1)
      const before = await hash(page)
      await page.keyboard.press(key)
      await page.waitForFunction((hash) => location.hash !== hash, before)
      await page.waitForTimeout(200)
    }
    expect(await page.locator('.drawing-bar').innerText()).toContain('4 coins')
    await page.locator('.map canvas').press('Backspace')
    expect(await page.locator('.drawing-bar').innerText()).toContain('3 coins')
    await page.getByRole('button', { name: 'Terminer' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('.area-sentence')
    expect(await hash(page)).toMatch(/area=-?\d/)
    expect(await page.locator('.area-sentence').innerText()).toMatch(/Dans votre zone/)
    await shot(page, 'area-keyboard')
    expect(await violations(page)).toEqual([])
    // What is drawn stays here.
    const area = new URLSearchParams((await hash(page)).split('?')[1]).get('area')!
    expect(requests.filter((r) => r.split('#')[0]!.includes(area.split(';')[0]!))).toEqual([])
    expect(errors).toEqual([])
    await leave()
  })

  test('is drawn with the pointer, and can be taken up again from its link', async (context) => {
    if (!offer) return context.skip('this territory has no figures that may be added up')
    const { page, errors, leave } = await open(browser, server.url, address('&area='))
    await drawn(page)
    await page.getByRole('button', { name: 'Ma zone' }).click()
    await page.getByRole('button', { name: 'Tracer sur la carte' }).click()
    const box = (await page.locator('.map canvas').boundingBox())!
    const [x, y] = [box.x + box.width * 0.6, box.y + box.height * 0.45]
    for (const [dx, dy] of [[-90, -70], [90, -80], [100, 60], [-80, 70]] as const) { await page.mouse.click(x + dx, y + dy); await page.waitForTimeout(350) }
    await page.mouse.click(x - 90, y - 70) // the first corner again
    await page.waitForSelector('.area-sentence')
    const said = await page.locator('.area-sentence').innerText()
    await shot(page, 'area-pointer')
    const again = await open(browser, page.url().split('#')[0]!, await hash(page))
    await again.page.waitForSelector('.area-sentence')
    await again.page.waitForFunction((text) => document.querySelector<HTMLElement>('.area-sentence')?.innerText === text, said)
    expect([...errors, ...again.errors]).toEqual([])
    await again.leave()
    await leave()
  })

  test('by its edges around everything has the sum of what is published, and the table says of what', async (context) => {
    if (!offer) return context.skip('this territory has no figures that may be added up')
    const slot = offer.measure.slots.includes('all') ? 'all' : offer.measure.slots[0]!
    const frame = await land.frame(offer, slot)
    const sum = frame.value.reduce<number>((s, v, i) => s + (frame.flag[i] === 2 || frame.flag[i] === 3 ? 0 : v ?? 0), 0)
    const { page, leave } = await open(browser, server.url, address(`&slot=${slot}`), { viewport: { width: 375, height: 812 } })
    await drawn(page)
    await page.getByRole('button', { name: 'Légende' }).click()
    await page.getByRole('button', { name: 'Ma zone' }).click()
    await page.waitForSelector('.area-ways')
    const [west, south, east, north] = land.catalog.territory.bbox
    for (const [name, v] of [['Ouest', west - 1], ['Sud', south - 1], ['Est', east + 1], ['Nord', north + 1]] as const) await page.getByLabel(name, { exact: true }).fill(String(v).replace('.', ','))
    await page.getByRole('button', { name: 'Calculer' }).press('Enter')
    await page.waitForSelector('.area-sentence')
    const said = await page.locator('.area-body').innerText()
    expect(digits(said)).toContain(digits(number(sum, 'fr', offer.measure.decimals)))
    expect(await page.locator('.area-body tbody tr').count()).toBeGreaterThan(1)
    await shot(page, 'area-phone')
    expect(await violations(page)).toEqual([])
    expect(await tooWide(page)).toBeLessThanOrEqual(0)
    await leave()
  })

  test('is read from a file, and a file that is none says why', async (context) => {
    if (!offer) return context.skip('this territory has no figures that may be added up')
    const dir = mkdtempSync(join(tmpdir(), 'jumeau-area-'))
    const [west, south, east, north] = land.catalog.territory.bbox
    const ring = [[west, south], [(west + east) / 2, south], [(west + east) / 2, north], [west, north], [west, south]]
    const kml = `<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>${ring.map((p) => `${p.join(',')},0`).join(' ')}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>`
    writeFileSync(join(dir, 'west.kml'), kml)
    writeFileSync(join(dir, 'lambert.geojson'), JSON.stringify({ type: 'Polygon', coordinates: [ring.map(([x, y]) => [x! * 1e5, y! * 1e5])] }))
    const { page, errors, leave } = await open(browser, server.url, address())
    await drawn(page)
    await page.getByRole('button', { name: 'Ma zone' }).click()
    await page.waitForSelector('.area-ways')
    await page.locator('input[type=file]').setInputFiles(join(dir, 'lambert.geojson'))
    expect(await page.locator('.area-body [role=alert]').innerText()).toContain('WGS 84')
    await shot(page, 'area-refused')
    await page.locator('input[type=file]').setInputFiles(join(dir, 'west.kml'))
    await page.waitForSelector('.area-sentence')
    expect(await page.locator('.area-body').innerText()).toMatch(/zones? entières?/)
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Garder le contour' }).click()])
    expect(JSON.parse(readFileSync(await file.path(), 'utf8'))).toMatchObject({ type: 'Feature', geometry: { type: 'MultiPolygon' } })
    expect(errors).toEqual([])
    await leave()
  })

  test('has the figure that GEOS makes of the release’s own geometry', async (context) => {
    if (!offer?.layer.download) return context.skip('this territory has no figures that may be added up')
    const slot = offer.measure.slots.includes('all') ? 'all' : offer.measure.slots[0]!
    const file = await (await fetch(new URL(offer.layer.download, server.url))).arrayBuffer()
    const rows = await parquetReadObjects({ file, compressors: { ZSTD: (bytes: Uint8Array, length: number) => decompress(bytes, new Uint8Array(length)) } }).catch(() => [])
    const shapes = Object.fromEntries(rows.flatMap((r) => { const g = r.geometry as GeoJSON.Geometry | null; return g && /Polygon/.test(g.type) ? [[String(r.id), g]] : [] }))
    if (Object.keys(shapes).length === 0) return context.skip('this territory has no shapes in the file of its layer')
    const [zones, frame] = [await land.zones(offer.layer.zones!), await land.frame(offer, slot)]
    const [west, south, east, north] = land.catalog.territory.bbox
    const at = (x: number, y: number) => [Number((west + (east - west) * x).toFixed(5)), Number((south + (north - south) * y).toFixed(5))]
    const ring = [at(0.2, 0.25), at(0.75, 0.3), at(0.6, 0.5), at(0.85, 0.8), at(0.3, 0.7)]
    const code = `import json, math, sys
from shapely.geometry import shape
from shapely.ops import transform
ask = json.load(sys.stdin)
to = lambda g: transform(lambda x, y, z=None: (x, math.degrees(math.asinh(math.tan(math.radians(y))))), shape(g))
area = to({'type': 'Polygon', 'coordinates': [ask['ring'] + ask['ring'][:1]]})
print(json.dumps({k: (lambda p: p.intersection(area).area / p.area)(to(g).buffer(0)) for k, g in ask['shapes'].items()}))`
    const judged = spawnSync('/usr/bin/python3', ['-c', code], { input: JSON.stringify({ ring, shapes }), encoding: 'utf8', maxBuffer: 1e8 })
    if (judged.status !== 0) return context.skip('Debian’s python3-shapely is not installed')
    const shares = JSON.parse(judged.stdout) as Record<string, number>
    const { page, leave } = await open(browser, server.url, address(`&view=table&slot=${slot}&area=${ring.map((p) => p.join(',')).join(';')}`))
    await page.waitForSelector('.area-body tbody tr')
    const [taken] = await Promise.all([page.waitForEvent('download'), page.locator('.area-body .download').click()])
    const lines = readFileSync(await taken.path(), 'utf8').trim().split('\r\n').slice(1).map((l) => l.split(';'))
    const seen = Object.fromEntries(lines.map((l) => [l[0]!, Number(l[2]!.replace(',', '.'))]))
    for (const [id, share] of Object.entries(shares)) if (share > 0.002 || seen[id]) expect(Math.abs((seen[id] ?? 0) - share), `${id}: ${seen[id]} and ${share}`).toBeLessThan(0.002)
    const value = zones.ids.reduce((s, id, i) => s + (shares[id] ?? 0) * (frame.value[i] ?? 0), 0)
    const made = lines.reduce((s, l) => s + Number(l[2]!.replace(',', '.')) * Number(l[3]!.replace(',', '.') || 0), 0)
    expect(Math.abs(made - value)).toBeLessThan(0.002 * Math.max(1, value))
    await leave()
  })

  test('may be whole zones put together, whose figures are added', async (context) => {
    if (!offer) return context.skip('this territory has no figures that may be added up')
    const slot = offer.measure.slots.includes('all') ? 'all' : offer.measure.slots[0]!
    const [zones, frame] = [await land.zones(offer.layer.zones!), await land.frame(offer, slot)]
    const two = frame.value.flatMap((v, i) => (v !== null && v > 0 && !frame.flag[i] ? [i] : [])).slice(0, 2)
    if (two.length < 2) return context.skip('this territory has no two zones with figures')
    const { page, errors, leave } = await open(browser, server.url, address(`&view=table&slot=${slot}&lang=en`).replace('lang=fr', ''))
    await page.waitForSelector('.grid tbody tr')
    await page.getByRole('button', { name: 'My own area' }).click()
    for (const i of two) await page.getByLabel('Whole zones').selectOption(zones.ids[i]!)
    await page.waitForFunction(() => document.querySelectorAll('.area-body tbody tr').length === 2)
    expect(digits(await page.locator('.area-body').innerText())).toContain(digits(number(frame.value[two[0]!]! + frame.value[two[1]!]!, 'en', offer.measure.decimals)))
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
    await leave()
  })
})
