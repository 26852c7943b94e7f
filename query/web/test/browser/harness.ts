/**
 * Starts what the browser tests look at: a headless Chromium, and either the server at JUMEAU_URL or the built page in
 * front of the invented territory. CHROMIUM names the browser (default /usr/bin/chromium); SHOTS the folder of screenshots.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { answer, send } from '../../mock/server.ts'
import { Territory } from './territory'

const ROOT = fileURLToPath(new URL('../../dist', import.meta.url))
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8',
}

/** The policy of web.go, so that the page is tried under the one it asks for. */
export function policy(): string {
  const go = readFileSync(fileURLToPath(new URL('../../web.go', import.meta.url)), 'utf8')
  return [...go.slice(go.indexOf('const ContentSecurityPolicy')).matchAll(/"([^"]*)"/g)].map((m) => m[1]).join('')
}

export const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const canRun = existsSync(browserPath) && (!!process.env.JUMEAU_URL || existsSync(join(ROOT, 'index.html')))
export const shotsDir = process.env.SHOTS ?? join(tmpdir(), 'jumeau-shots')

const FLAGS = ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist']

export interface Served { url: string; close: () => void; /** Bytes written to all connections so far; absent for a server that is not ours. */ sent?: () => number }

export async function serve(): Promise<Served> {
  if (process.env.JUMEAU_URL) return { url: process.env.JUMEAU_URL.replace(/\/?$/, '/'), close: () => undefined }
  const server: Server = createServer((req, res) => {
    const path = decodeURIComponent(new URL(req.url ?? '/', 'http://page').pathname)
    const found = answer(req.url ?? '/')
    if (found) return send(req, res, req.url!, found)
    const file = join(ROOT, normalize(path === '/' ? 'index.html' : path))
    if (!file.startsWith(ROOT) || !existsSync(file)) {
      res.writeHead(404, { 'content-type': 'text/plain' }).end('no such page')
      return
    }
    res.setHeader('content-security-policy', policy())
    send(req, res, path, { status: 200, type: TYPES[extname(file)] ?? 'application/octet-stream', body: readFileSync(file), immutable: path.startsWith('/assets/') })
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => void server.close(), sent: () => [...sockets].reduce((sum, s) => sum + s.bytesWritten, 0) }
}

export const launch = (extra: string[] = []): Promise<Browser> => chromium.launch({ executablePath: browserPath, args: [...FLAGS, ...extra] })

/** What the tests of a file look at, and what with; there from the first test on after visiting(). */
export let server: Served
export let land: Territory
export let browser: Browser

/** Starts a server and a browser for the tests of the describe that calls it, and ends them after. */
export function visiting(): void {
  beforeAll(async () => {
    server = await serve()
    land = await Territory.at(server.url)
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })
}

/** A telephone with a screen of that many pixels of CSS. */
export const phone = (width: number, height: number): BrowserContextOptions => ({ viewport: { width, height }, deviceScaleFactor: 2, hasTouch: true, isMobile: true })

export interface Visit { page: Page; errors: string[]; hosts: Set<string>; requests: string[]; leave: () => Promise<void> }

/** Opens the page in a fresh context and keeps what went wrong and which hosts were asked. */
export async function open(browser: Browser, url: string, hash = '', options: BrowserContextOptions = {}, before?: (page: Page) => Promise<unknown>): Promise<Visit> {
  const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  const errors: string[] = []
  const hosts = new Set<string>()
  const requests: string[] = []
  page.on('console', (message) => { if (message.type() === 'error' || /Content.Security.Policy/i.test(message.text())) errors.push(message.text()) })
  page.on('pageerror', (error) => errors.push(String(error)))
  context.on('request', (request) => {
    const at = new URL(request.url())
    if (at.protocol.startsWith('http')) hosts.add(at.host)
    requests.push(request.url())
  })
  await before?.(page)
  await page.goto(url + hash)
  return { page, errors, hosts, requests, leave: () => context.close() }
}

/** Waits until the map has drawn everything it asked for. */
export async function drawn(page: Page): Promise<void> {
  await page.waitForSelector('.map canvas')
  await page.waitForSelector('.map-wait', { state: 'detached', timeout: 30_000 })
  await page.waitForSelector('.stage[aria-busy="false"]')
  await page.waitForTimeout(400)
}

export async function shot(page: Page, name: string): Promise<void> {
  mkdirSync(shotsDir, { recursive: true })
  await page.screenshot({ path: join(shotsDir, `${name}.png`) })
}

/** By how many pixels the page is wider than its window. */
export const tooWide = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)

/** What follows "#" in the address. */
export const hash = (page: Page): Promise<string> => page.evaluate(() => location.hash)

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The rules of WCAG 2.2 A and AA, and axe's best practices. */
const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }

interface Found { id: string; nodes: { target: string[]; failureSummary: string }[] }

/** What axe finds wrong with the page, by these rules or, with {}, by those that it runs of itself. */
export async function violations(page: Page, rules: object = RULES): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate((options) => (window as unknown as { axe: { run: (o: object) => Promise<{ violations: Found[] }> } }).axe.run(options), rules)
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary}`))
}
