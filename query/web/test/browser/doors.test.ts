/** Signing in, and the administration page, on a server of the built program: JUMEAU_BIN names it, JUMEAU_RELEASES a folder of releases. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRun, launch, shot, violations } from './harness'

const program = process.env.JUMEAU_BIN
const releases = process.env.JUMEAU_RELEASES

describe.skipIf(!canRun || !program || !releases)('the doors', () => {
  let browser: Browser
  let server: ChildProcess
  let url = ''
  let token = ''
  const dir = mkdtempSync(join(tmpdir(), 'jumeau-doors-'))

  beforeAll(async () => {
    token = execFileSync(program!, ['token', 'create', '--state', dir, '--audience', 'steward', '--verbs', 'read,admin', '--note', 'browser test'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    const config = join(dir, 'server.yaml')
    writeFileSync(config, `releases: ${releases}\nstate: ${dir}\naddr: 127.0.0.1:0\n`)
    server = spawn(program!, ['serve', '--config', config], { stdio: ['ignore', 'pipe', 'ignore'] })
    url = await new Promise<string>((ready) => server.stdout!.once('data', (line) => ready(String(line).trim().replace('127.0.0.1', 'localhost'))))
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    server?.kill()
    rmSync(dir, { recursive: true })
  })

  test.each([['fr-FR', 'Conduite du jumeau', 1100], ['en-GB', 'Administration', 360]] as const)('a steward signs in with the keyboard, looks, and signs out: %s, axe has nothing to say', async (locale, title, width) => {
    const context = await browser.newContext({ locale, viewport: { width, height: 800 }, bypassCSP: true })
    const page = await context.newPage()
    const see = async (name: string) => {
      await shot(page, `doors-${name}-${locale}`)
      expect(await violations(page, {}), name).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than the window`).toBe(true)
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale.slice(0, 2))
    }
    expect((await page.goto(`${url}admin`))!.status()).toBe(404)
    await see('denied')
    await page.locator('a[href*="/login"]').focus()
    await Promise.all([page.waitForURL('**/login?to=*'), page.keyboard.press('Enter')])
    await see('login')
    await page.locator('#token').focus()
    await page.keyboard.type('jumeau_aaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAA')
    await Promise.all([page.waitForSelector('[role=alert]'), page.keyboard.press('Enter')])
    await see('failed')
    await page.goto(`${url}login?to=/admin`)
    await page.locator('#token').focus()
    await page.keyboard.type(token)
    await Promise.all([page.waitForURL((at) => at.pathname.endsWith('/admin')), page.keyboard.press('Enter')])
    expect(await page.locator('h1').innerText()).toContain(title)
    expect(await page.locator('#tokens ~ .scroll').first().innerText()).toContain('browser test')
    expect(await page.content()).not.toContain(token)
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({ name: '__Host-jumeau', httpOnly: true, secure: true, sameSite: 'Lax' })
    await see('admin')
    await page.getByRole('button', { name: /Se déconnecter|Sign out/ }).focus()
    await Promise.all([page.waitForURL('**/logged-out'), page.keyboard.press('Enter')])
    expect(await context.cookies()).toEqual([])
    await see('out')
    expect((await page.goto(`${url}admin`))!.status()).toBe(404)
    await context.close()
  })
})
