import { afterAll, beforeAll, test } from 'vitest'
import { drawn, launch, open, serve, shot } from './harness'
let b: any, s: any
beforeAll(async () => { s = await serve(); b = await launch() })
afterAll(async () => { await b.close(); s.close() })
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
const cases: [string, string, any, ((p: any) => Promise<void>)?, boolean?][] = [
  ['presence', '#/presence?at=12.9/43.553/1.515&slot=weekday-13&lang=fr', {}],
  ['commuting', '#/commuting?zone=31904&lang=fr', {}],
  ['commuting-all', '#/commuting?lang=en', {}],
  ['counters', '#/bike_counters?zone=CPT04&lang=en&slot=weekday-08', {}],
  ['counters-month', '#/bike_counters?zone=CPT03&lang=fr&show=bikes_trend', {}],
  ['facilities', '#/facilities?at=13.5/43.543/1.498&lang=fr', {}, async (p) => { await p.mouse.click(800, 480); await p.waitForTimeout(500) }],
  ['buildings', '#/buildings?at=15/43.543/1.498&lang=fr', {}],
  ['table', '#/presence?view=table&lang=fr&slot=sunday-17', {}, undefined, true],
  ['table-features', '#/facilities?view=table&lang=en&place=31902', {}, undefined, true],
  ['about', '#/presence?view=table&lang=fr', {}, async (p) => { await p.click('.header-tools button:last-child'); await p.waitForTimeout(300) }, true],
  ['search', '#/presence?lang=fr', {}, async (p) => { await p.fill('[role=combobox]', 'saint'); await p.keyboard.press('ArrowDown') }],
  ['phone', '#/presence?lang=fr', phone],
  ['phone-place', '#/communes?zone=31903&lang=fr', phone, async (p) => { await p.waitForTimeout(500) }],
  ['phone-subjects', '#/presence?lang=fr', phone, async (p) => { await p.click('.sheet-tabs button:first-child'); await p.waitForTimeout(300) }],
  ['phone-legend', '#/bike_counters?lang=en', phone, async (p) => { await p.click('.sheet-tabs button:nth-child(2)'); await p.waitForTimeout(300) }],
  ['phone-table', '#/bike_counters?lang=fr&view=table', phone, undefined, true],
  ['zoom200', '#/presence?lang=fr', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
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
