import { afterAll, beforeAll, test } from 'vitest'
import { drawn, launch, open, serve, shot } from './harness'
let b: any, s: any
beforeAll(async () => { s = await serve(); b = await launch() })
afterAll(async () => { await b.close(); s.close() })
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
const cases: [string, string, any, ((p: any) => Promise<void>)?, boolean?][] = [
  ['search-go', '#/presence?lang=fr', {}, async (p) => { await p.fill('[role=combobox]', 'montbr'); await p.keyboard.press('Enter'); await p.waitForTimeout(2500) }],
  ['search-go-commune', '#/communes?lang=fr', {}, async (p) => { await p.fill('[role=combobox]', 'valm'); await p.keyboard.press('Enter'); await p.waitForTimeout(2500) }],
  ['cell-link', '#/presence?lang=fr&zone=CRS3035RES200mN2305000E3694800', {}, async (p) => { await p.waitForTimeout(1500) }],
  ['facilities-click', '#/facilities?at=14.5/43.543/1.498&lang=fr', {}, async (p) => {
     const box = await p.locator('.map canvas').boundingBox(); outer: for (let y = 60; y < box.height - 60; y += 14) for (let x = 350; x < box.width - 60; x += 14) { await p.mouse.move(box.x + x, box.y + y); if (await p.locator('.tip').count()) { await p.mouse.click(box.x + x, box.y + y); break outer } } await p.waitForTimeout(800) }],
  ['counters', '#/bike_counters?zone=CPT04&lang=en&slot=weekday-08', {}],
  ['phone', '#/presence?lang=fr', phone],
  ['phone-zone', '#/presence?lang=fr&zone=CRS3035RES200mN2305000E3694800', phone, async (p) => { await p.waitForTimeout(1500) }],
]
const only = process.env.ONLY?.split(',')
for (const [name, hash, o, act, table] of cases.filter((c) => !only || only.includes(c[0]))) test(name, async () => {
  const v = await open(b, s.url, hash, o)
  if (table) { await v.page.waitForSelector('tbody tr'); await v.page.waitForTimeout(400) } else { await drawn(v.page); await v.page.waitForTimeout(600) }
  await act?.(v.page)
  await shot(v.page, name)
  if (v.errors.length) console.log(name, v.errors)
  await v.leave()
})
