import { afterAll, beforeAll, test } from 'vitest'
import { drawn, launch, open, serve, shot } from './harness'
let b: any, s: any
beforeAll(async () => { s = await serve(); b = await launch() })
afterAll(async () => { await b.close(); s.close() })
const cases: [string, string, any][] = [
  ['presence', '', {}],
  ['commuting', '#/commuting?zone=31904&lang=fr', {}],
  ['communes', '#/communes?zone=31903&lang=fr&show=over_65', {}],
]
for (const [name, hash, o] of cases) test(name, async () => {
  const v = await open(b, s.url, hash, o)
  await drawn(v.page); await v.page.waitForTimeout(800)
  await shot(v.page, name)
  console.log(name, v.errors, [...v.hosts], v.requests.length)
  await v.leave()
})
