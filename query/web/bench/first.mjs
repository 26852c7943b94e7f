/**
 * What the first view costs: bytes on the wire, requests, hosts, time to a usable map and work of the main thread, on the network
 * as it is and on one of 1.6 Mbit/s and 150 ms. Prints; never judges. The network is slowed by a proxy of this script rather than by
 * the browser's own throttle, which leaves out the map's workers.
 *
 *   node bench/first.mjs http://127.0.0.1:8080/ [hash]
 */
import { connect, createServer } from 'node:net'
import { chromium } from 'playwright-core'

const [url, hash = ''] = process.argv.slice(2)
if (!url) {
  console.error('usage: node bench/first.mjs URL [HASH]')
  process.exit(2)
}
const BOUND = 650_000
const SLOW = { rtt: 150, bytesPerSecond: 1.6e6 / 8 }
const FLAGS = ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist']

/** Stands before the server: counts what goes to the browser, and holds it back as a line would. */
async function line(target, network) {
  const to = new URL(target)
  const state = { bytes: 0, free: 0 }
  const server = createServer((client) => {
    const up = connect(Number(to.port || 80), to.hostname)
    client.on('data', (part) => (network ? setTimeout(() => up.write(part), network.rtt) : up.write(part)))
    up.on('data', (part) => {
      state.bytes += part.length
      if (!network) return client.write(part)
      // All connections share the line.
      state.free = Math.max(state.free, performance.now()) + (part.length / network.bytesPerSecond) * 1000
      setTimeout(() => client.write(part), state.free - performance.now())
    })
    for (const [one, other] of [[client, up], [up, client]]) one.on('error', () => other.destroy()).on('end', () => setTimeout(() => other.end(), network ? state.free - performance.now() + network.rtt : 0))
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return { url: `http://127.0.0.1:${server.address().port}/`, state, close: () => server.close() }
}

async function visit(browser, network) {
  const proxy = await line(url, network)
  const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable')
  await page.addInitScript(() => {
    globalThis.long = []
    new PerformanceObserver((list) => { for (const e of list.getEntries()) globalThis.long.push(e.duration) }).observe({ type: 'longtask', buffered: true })
  })
  const hosts = new Set()
  const kinds = new Map()
  let requests = 0
  const pending = []
  context.on('requestfinished', (request) => {
    const at = new URL(request.url())
    if (!at.protocol.startsWith('http')) return
    requests++
    hosts.add(at.host)
    pending.push(request.sizes().then((s) => {
      const kind = /\/tiles\//.test(at.pathname) ? 'tiles' : /\/assets\/.*\.m?js$/.test(at.pathname) ? 'scripts' : /\.css$/.test(at.pathname) ? 'styles' : /\/(values|zones|flows|profile|catalog|privacy)/.test(at.pathname) ? 'figures' : 'page'
      kinds.set(kind, (kinds.get(kind) ?? 0) + s.responseBodySize + s.responseHeadersSize)
    }, () => undefined))
  })
  const start = Date.now()
  await page.goto(proxy.url + hash)
  await page.waitForSelector('h1')
  const text = Date.now() - start
  await page.waitForSelector('.map canvas', { timeout: 120_000 })
  await page.waitForSelector('.map-wait', { state: 'detached', timeout: 120_000 })
  const map = Date.now() - start
  await page.waitForSelector('.stage[aria-busy="false"]', { timeout: 120_000 })
  const all = Date.now() - start
  await page.waitForTimeout(500)
  await Promise.all(pending)
  const metrics = Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]))
  const long = await page.evaluate(() => globalThis.long)
  await context.close()
  proxy.close()
  return { bytes: proxy.state.bytes, text, map, all, requests, hosts, kinds, script: metrics.ScriptDuration, task: metrics.TaskDuration, long }
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
for (const [name, network] of [['as it is', undefined], ['1.6 Mbit/s, 150 ms', SLOW]]) {
  const runs = []
  for (let k = 0; k < 3; k++) runs.push(await visit(browser, network))
  const middle = (of) => runs.map(of).sort((a, b) => a - b)[1]
  const first = runs[0]
  console.log(`\nfirst view, network ${name} (median of ${runs.length})`)
  console.log(`  bytes             ${middle((r) => r.bytes)} on the wire, of ${BOUND} allowed; without the worker's: ${[...first.kinds].sort((a, b) => b[1] - a[1]).map(([k, v]) => `${k} ${v}`).join(', ')}`)
  console.log(`  requests          ${middle((r) => r.requests)}, other hosts: ${[...first.hosts].length - 1}`)
  console.log(`  title on screen   ${middle((r) => r.text)} ms`)
  console.log(`  map usable        ${middle((r) => r.map)} ms`)
  console.log(`  nothing pending   ${middle((r) => r.all)} ms`)
  console.log(`  main thread       ${Math.round(middle((r) => r.task) * 1000)} ms of work, of it ${Math.round(middle((r) => r.script) * 1000)} ms of scripts; tasks over 50 ms: ${middle((r) => r.long.length)}, the longest ${Math.round(middle((r) => Math.max(0, ...r.long)))} ms`)
}
await browser.close()
