/** The page in a folder of files, as `jumeau export --format static` writes it, behind the plainest server there is. JUMEAU_FOLDER names it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { complete, subjects, type Catalog } from '../../src/catalog'
import { browserPath, canRun, drawn, launch, open, shot } from './harness'

const folder = process.env.JUMEAU_FOLDER

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

describe.skipIf(!canRun || !folder)(`a folder of files in ${browserPath}`, () => {
  let browser: Browser
  let server: ChildProcess
  let url = ''

  beforeAll(async () => {
    const port = await freePort()
    server = spawn('python3', ['-m', 'http.server', String(port), '--bind', '127.0.0.1', '--directory', folder!], { stdio: 'ignore' })
    url = `http://127.0.0.1:${port}/`
    for (let i = 0; i < 50 && !await fetch(url).catch(() => undefined); i++) await new Promise((later) => setTimeout(later, 100))
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    server?.kill()
  })

  it('shows every subject, as map and as table, without one failed request', async () => {
    const catalog = complete(await (await fetch(`${url}catalog.json`)).json() as Catalog)
    const failed: string[] = []
    const visit = await open(browser, url, '#/?lang=en')
    visit.page.on('response', (r) => { if (r.status() >= 400) failed.push(`${r.status()} ${r.url()}`) })
    await drawn(visit.page)
    await shot(visit.page, 'folder')
    for (const layer of subjects(catalog)) {
      for (const as of ['map', 'table']) {
        await visit.page.goto(`${url}#/${layer.id}?lang=fr${as === 'table' ? '&view=table' : ''}`)
        await visit.page.waitForSelector('.stage[aria-busy="false"]')
        if (as === 'map') await drawn(visit.page)
        else await visit.page.waitForSelector('.table-stage tbody tr, .table-stage .empty, .table-stage .bone-table')
        expect(await visit.page.locator('.problem').count(), `${layer.id} as ${as}`).toBe(0)
      }
    }
    expect(failed).toEqual([])
    expect(visit.errors).toEqual([])
    expect([...visit.hosts]).toEqual([new URL(url).host])
    await visit.leave()
  }, 480_000)

  it('shows all hours of a zone, and who goes where', async () => {
    const catalog = complete(await (await fetch(`${url}catalog.json`)).json() as Catalog)
    const measure = catalog.measures.find((m) => m.slots.length > 1)!
    const layer = subjects(catalog).find((l) => l.measures?.includes(measure.id))!
    const zones = await (await fetch(`${url}zones/${layer.zones}.json`)).json() as { ids: string[] }
    const flow = subjects(catalog).find((l) => l.flows?.length)
    for (const hash of [`#/${layer.id}?show=${measure.id}&zone=${zones.ids.at(-1)}`, ...(flow ? [`#/${flow.id}?show=${flow.flows![0]}`] : [])]) {
      const visit = await open(browser, url, hash)
      await drawn(visit.page)
      if (hash.includes('zone=')) await visit.page.waitForSelector('.panel')
      expect(visit.errors).toEqual([])
      await visit.leave()
    }
  })

  it('says how people are protected in both languages', async () => {
    const visit = await open(browser, url, 'privacy/')
    expect(await visit.page.locator('html').getAttribute('lang')).toBe('fr')
    await visit.page.locator('a[hreflang=en]').click()
    await visit.page.waitForURL('**/privacy/en.html')
    expect(await visit.page.locator('html').getAttribute('lang')).toBe('en')
    await visit.page.locator('a[href="../"]').click()
    await drawn(visit.page)
    expect(visit.errors).toEqual([])
    await visit.leave()
  })
})
