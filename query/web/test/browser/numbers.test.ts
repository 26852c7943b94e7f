/**
 * Every figure that a question page shows on the demonstration, in its sentence, its table, its file and on paper, held to plain
 * SQL over the release's own database (internal/numbers). JUMEAU_NUMBERS names the answers of that SQL.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { browser, canRun, drawn, open, server, visiting } from './harness'

const file = process.env.JUMEAU_NUMBERS
type Row = Record<string, number | string | null>
const sql = file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Record<string, Row[]> : {}
const pdftotext = ['/usr/bin/pdftotext', '/usr/local/bin/pdftotext', '/opt/homebrew/bin/pdftotext'].find(existsSync)

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
/** As French people write a whole number. */
const fr = (v: number) => plain(new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 0 }).format(v))

const answered = async (page: Page): Promise<string> => {
  await page.waitForFunction(() => { const p = document.querySelector('.answer p'); return p && !/On cherche/.test(p.textContent!) })
  await page.waitForSelector('.grid tbody tr')
  return plain(await page.locator('.answer p').first().innerText())
}

/** The rows of the international file, by their columns. */
async function taken(page: Page): Promise<Record<string, string>[]> {
  const [got] = await Promise.all([page.waitForEvent('download'), page.locator('.grid-tools button.quiet').first().click()])
  const [head, ...lines] = readFileSync(await got.path(), 'utf8').replace('\ufeff', '').trim().split('\r\n').map((line) => (line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []).map((c) => c.replace(/,$/, '').replace(/^"|"$/g, '')))
  return lines.map((cells) => Object.fromEntries(head!.map((name, k) => [name, cells[k] ?? ''])))
}

const visible = async (page: Page): Promise<string[]> => (await page.locator('.grid tbody tr').allInnerTexts()).map(plain)

/** The words of the printed sheet on one line. */
async function sheet(page: Page): Promise<string> {
  await drawn(page)
  const path = join(mkdtempSync(join(tmpdir(), 'jumeau-sheet-')), 'sheet.pdf')
  writeFileSync(path, await page.pdf({ format: 'A4', printBackground: true }))
  return plain(execFileSync(pdftotext!, [path, '-'], { encoding: 'utf8' })).replace(/\s+/g, ' ')
}

const onPaper = async (page: Page, sentence: string) => {
  if (!pdftotext) return
  const text = await sheet(page)
  const bare = (s: string) => s.replace(/[\s\u00ad-]/g, '')
  expect(bare(text)).toContain(bare(sentence))
}

describe.skipIf(!canRun || !file || !process.env.JUMEAU_URL)('the figures of the pages are those of the release', () => {
  visiting()

  test('question 1: the busiest hours, the week, every neighbourhood', async () => {
    const { page, leave } = await open(browser, server.url, '#/q/1/people_present?zone=990070101&slot=weekday-08&lang=fr')
    const said = await answered(page)
    const [top] = sql.busiest!
    const step = 10 ** Math.floor(Math.log10(((top!.hi as number) - (top!.lo as number)) / 2))
    for (const [v, how] of [[top!.value, Math.round], [top!.lo, Math.floor], [top!.hi, Math.ceil]] as const) expect(said).toContain(fr(how((v as number) / step) * step))
    const names = sql.busiest!.map((r) => `${Number(String(r.slot).slice(-2))} h – ${Number(String(r.slot).slice(-2)) + 1} h`)
    if (names.length <= 3) for (const name of names) expect(said).toContain(name)
    await page.locator('.week-table summary').click()
    const week = (await page.locator('.week-table tbody tr').allInnerTexts()).map(plain)
    expect(week.length).toBeGreaterThanOrEqual(sql.passage!.length)
    for (const r of sql.passage!.filter((p) => p.value !== null)) expect(week.some((line) => line.includes(`${Number(String(r.slot).slice(-2))} h`) && line.includes(fr(r.value as number)) && line.includes(fr(r.lo as number))), String(r.slot)).toBe(true)
    // What the database has no number for, the page has none for either.
    expect(week.filter((line) => /non publié|pas de donnée|non mesuré/.test(line))).toHaveLength(week.length - sql.passage!.filter((r) => r.value !== null).length)
    const rows = await taken(page)
    expect(rows).toHaveLength(sql.present!.length)
    for (const r of sql.present!) {
      const row = rows.find((x) => x.id === r.id)!
      for (const key of ['value', 'lo', 'hi']) expect(row[key], `${r.id} ${key}`).toBe(r[key] === null ? '' : String(r[key]))
    }
    const lines = await visible(page)
    for (const r of sql.present!.filter((p) => p.value !== null)) expect(lines.some((l) => l.startsWith(String(r.name)) && l.includes(fr(r.value as number)))).toBe(true)
    await onPaper(page, said)
    await leave()
  })

  test('question 2: where workers come from', async () => {
    const { page, leave } = await open(browser, server.url, '#/q/2/commuting?zone=99007&lang=fr')
    const said = await answered(page)
    const all = sql.origins!.map((r) => r.value as number)
    expect(said).toContain(fr(all.reduce((a, b) => a + b, 0)))
    expect(said).toContain(String(sql.origins![0]!.name))
    expect(said).toContain(fr(all[0]!))
    const rows = await taken(page)
    expect(rows).toHaveLength(all.length)
    for (const r of sql.origins!) expect(Number(rows.find((x) => x.origin === r.id)!.value)).toBeCloseTo(r.value as number, 5)
    await onPaper(page, said)
    await leave()
  })

  test.each([[5, 'residents', 'residents', 'B'], [12, 'elderly', 'aged_80', 'D']])('question %i: who is far, by commune', async (n, layer, measure, family) => {
    const { page, leave } = await open(browser, server.url, `#/q/${n}/${layer}?show=${measure}&need=${family}&within=1000&lang=fr`)
    const said = await answered(page)
    const mine = sql.far!.filter((r) => r.measure === measure && r.family === family && (r.whole as number) > 0)
    const sum = (key: string) => mine.reduce((s, r) => s + (r[key] as number), 0)
    expect(said).toContain(fr(sum('whole')))
    const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, (sum('most') - sum('least')) / 2))))
    expect(said).toContain(fr(Math.floor(sum('least') / step) * step))
    expect(said).toContain(fr(Math.ceil(sum('most') / step) * step))
    const rows = await taken(page)
    expect(rows).toHaveLength(mine.length)
    for (const r of mine) {
      const row = rows.find((x) => x.id === r.id)!
      for (const [column, key] of [['far', 'far'], ['far_at_least', 'least'], ['far_at_most', 'most'], ['whole', 'whole']] as const) expect(Number(row[column]), `${r.id} ${column}`).toBeCloseTo(r[key] as number, 4)
    }
    await onPaper(page, said)
    await leave()
  })

  test('question 9: what changed, counter by counter', async () => {
    const { page, leave } = await open(browser, server.url, '#/q/9/bicycle_counters?show=bicycles_daily&with=2025-01&slot=2025-12&lang=fr')
    const said = await answered(page)
    const of = (wanted: (r: Row) => boolean) => sql.changes!.filter(wanted).length
    const [up, down] = [of((r) => r.verdict === 'change' && (r.difference as number) > 0), of((r) => r.verdict === 'change' && (r.difference as number) < 0)]
    expect(said).toContain(`sur ${sql.changes!.length} lieux : ${up} en hausse, ${down} en baisse, ${of((r) => r.verdict === 'noise')} dans la marge`)
    const rows = await taken(page)
    const verdicts: Record<string, string> = { change: 'changement', noise: 'dans la marge d’erreur', unknown: 'pas assez de données' }
    for (const r of sql.changes!) {
      const row = rows.find((x) => x.id === r.id)!
      expect(row.verdict).toBe(verdicts[String(r.verdict)])
      for (const key of ['difference', 'lo', 'hi']) if (r[key] !== null) expect(Number(row[key]), `${r.id} ${key}`).toBeCloseTo(r[key] as number, 4)
    }
    await onPaper(page, said)
    await leave()
  })

  test('question 15: one figure, with its margin', async () => {
    const { page, leave } = await open(browser, server.url, '#/q/15/people_present?zone=990070101&slot=weekday-08&lang=fr')
    const said = await answered(page)
    const r = sql.present!.find((p) => p.id === '990070101')!
    const step = 10 ** Math.floor(Math.log10(((r.hi as number) - (r.lo as number)) / 2))
    for (const [v, how] of [[r.value, Math.round], [r.lo, Math.floor], [r.hi, Math.ceil]] as const) expect(said).toContain(fr(how((v as number) / step) * step))
    const why = plain(await page.locator('.why-part').innerText())
    expect(why).toContain(fr(Math.round((r.value as number) / step) * step))
    expect((await taken(page)).find((x) => x.id === r.id)!.value).toBe(String(r.value))
    await onPaper(page, said)
    await leave()
  })
})
