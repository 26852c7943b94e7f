/** Files made of what is looked at: a picture of the map that says what it is, GeoJSON and CSV of its figures. Loaded when first asked for. */
import { counted, isFlow, say } from './catalog'
import { csv, download, save, saveGeoJSON, type CSVCell } from './csv'
import { flagName } from './flag'
import { figure } from './frame'
import { date } from './number'
import type { Session, State } from './session'
import { slotWords } from './slot'
import { words, type Lang } from './words'

/** Where the figures come from, once for a file. */
export function origin(state: State): Record<string, string> {
  const { catalog, shown, layer, frameSlot, view } = state
  const { lang } = view
  const source = catalog!.sources.find((s) => s.id === (shown?.source ?? layer?.source))
  return {
    territory: say(catalog!.territory.title, lang), layer: layer!.id, measure: shown?.id ?? '', title: say(shown?.title ?? layer!.title, lang), unit: say(shown?.unit, lang),
    slot: shown ? frameSlot ?? 'all' : '', moment: shown ? slotWords(frameSlot ?? 'all', lang, counted(catalog, shown)) : '', source: say(source?.title, lang),
    producer: source?.producer ?? '', licence: source?.licence ?? '', vintage: source?.vintage ?? '', release: catalog!.release, synthetic: catalog!.territory.synthetic ? 'yes' : 'no',
  }
}

/** One thing with its properties and, when asked for, its shape. */
export interface Row { id: string; properties: Record<string, CSVCell | boolean>; geometry: GeoJSON.Geometry | null }

/** The features of the layer with the figures of zones; of flows, the journeys. */
export async function rowsOf(session: Session, shapes: boolean): Promise<Row[]> {
  const { layer, shown, frame, rows, view } = session.state
  const { lang } = view
  const zones = await session.wantZones()
  if (shown && isFlow(shown) && rows && zones) {
    const at = (i: number): [number, number] => [zones.raw.lon[i]!, zones.raw.lat[i]!]
    return rows.value.map((_, k) => {
      const [o, d] = [rows.origin[k] ?? null, rows.destination[k] ?? null]
      const f = figure(rows, k)
      const name = (i: number | null) => (i === null ? '' : zones.name(i, lang))
      return {
        id: String(k + 1), geometry: o === null || d === null ? null : { type: 'LineString', coordinates: [at(o), at(d)] },
        properties: { origin: o === null ? '' : zones.id(o), origin_name: name(o), destination: d === null ? '' : zones.id(d), destination_name: name(d), value: f.value, lo: f.lo, hi: f.hi, state: flagName(f.flag, lang) },
      }
    })
  }
  const figures = (i: number | undefined) => {
    if (!shown || !frame || i === undefined) return {}
    const f = figure(frame, i)
    return { value: f.value, lo: f.lo, hi: f.hi, state: flagName(f.flag, lang) }
  }
  if (layer!.download && (shapes || !zones)) {
    const { featuresOf } = await import('./parquet')
    const found = await featuresOf(session.api, layer!.download)
    return found.map(({ id, properties, geometry }) => ({ id, properties: { ...properties, ...figures(zones?.at(id)) }, geometry }))
  }
  return Array.from({ length: zones?.count ?? 0 }, (_, i): Row => ({
    id: zones!.id(i), properties: { name: zones!.name(i, lang), ...figures(i) }, geometry: { type: 'Point', coordinates: [zones!.raw.lon[i]!, zones!.raw.lat[i]!] },
  }))
}

const fileName = (state: State) => [state.catalog!.territory.id, state.layer!.id, state.shown?.id, state.shown && state.frameSlot !== 'all' ? state.frameSlot : ''].filter(Boolean).join('-')

/** GeoJSON (RFC 7946); where it comes from stands beside the features, which readers leave alone. */
export async function takeGeoJSON(session: Session): Promise<void> {
  const rows = await rowsOf(session, true)
  const text = JSON.stringify({ type: 'FeatureCollection', jumeau: origin(session.state), features: rows.map((r) => ({ type: 'Feature', id: r.id, properties: { id: r.id, ...r.properties }, geometry: r.geometry })) })
  saveGeoJSON(`${fileName(session.state)}.geojson`, text)
}

/** CSV for spreadsheets of the language: numbers and separators are theirs; words are the visitor's. */
export async function takeCSV(session: Session, form: Lang): Promise<void> {
  const rows = await rowsOf(session, false)
  const from = origin(session.state)
  const columns = [...new Set(rows.flatMap((r) => Object.keys(r.properties)))].filter((c) => c !== 'id')
  const point = rows[0]?.geometry?.type === 'Point'
  const header = ['id', ...columns, ...(point ? ['lon', 'lat'] : []), ...Object.keys(from)]
  const cell = (v: CSVCell | boolean): CSVCell => (typeof v === 'boolean' ? String(v) : v)
  const records = rows.map((r): CSVCell[] => [r.id, ...columns.map((c) => cell(r.properties[c])), ...(point ? (r.geometry as GeoJSON.Point | null)?.coordinates.slice(0, 2).map((v) => Number(v.toFixed(6))) ?? [null, null] : []), ...Object.values(from)])
  download(`${fileName(session.state)}.csv`, csv(header, records, form))
}

const PAD = 28
const INK = '#26241f'
const SOFT = '#5f574b'

/** The map with its title, its legend, and what one must write under it: source, date, licence. */
export async function takePicture(state: State): Promise<void> {
  const blob = await picture(state)
  save(`${fileName(state)}.png`, blob)
}

const load = (src: string): Promise<HTMLImageElement> => new Promise((done, fail) => {
  const image = new Image()
  image.onload = () => done(image)
  image.onerror = () => fail(new Error('no picture'))
  image.src = src
})

interface Entry { swatch: HTMLImageElement; text: string }

/** The legend as it is on the page. */
async function legend(): Promise<{ title: string; entries: Entry[] }> {
  const box = [...document.querySelectorAll<HTMLElement>('.legend')].find((el) => el.querySelector('.legend-rows'))
  const rows = [...box?.querySelectorAll<HTMLElement>('.legend-rows li:not(.none)') ?? []]
  const entries = await Promise.all(rows.map(async (row): Promise<Entry> => {
    const svg = row.querySelector('svg')!.cloneNode(true) as SVGElement
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    svg.setAttribute('width', '52')
    svg.setAttribute('height', '36')
    return { swatch: await load(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg.outerHTML)}`), text: row.querySelector('span')?.textContent ?? '' }
  }))
  return { title: box?.querySelector('h2')?.textContent ?? '', entries }
}

function wrap(pen: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/ +/)) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word
    if (lines.length && pen.measureText(longer).width <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** What stands under the map. */
export function credits(state: State): string[] {
  const { lang } = state.view
  const w = words(lang)
  const from = origin(state)
  const now = date(new Date().toISOString(), lang, state.catalog!.territory.time_zone)
  const colon = lang === 'fr' ? ' : ' : ': '
  return [
    `${w.source}${colon}${from.source}, ${from.producer || w.unknown}. ${w.licence}${colon}${from.licence || w.unknown}. ${w.vintage}${colon}${from.vintage || w.unknown}.`,
    `${from.territory}. ${w.release} ${from.release}. ${lang === 'fr' ? 'Image du' : 'Picture of'} ${now}.`,
    ...(state.catalog!.territory.synthetic ? [w.syntheticLong] : []),
  ]
}

async function picture(state: State): Promise<Blob> {
  const map = await load(state.picture!())
  const marks = await legend()
  const scale = Math.max(1, 1600 / map.width)
  const width = Math.round(map.width * scale)
  const height = Math.round(map.height * scale)
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d')!
  const inner = width - 2 * PAD
  const font = (size: number, bold = false) => `${bold ? '700 ' : ''}${size}px 'Liberation Sans', Arial, sans-serif`
  const lines = (text: string, size: number, bold = false) => { pen.font = font(size, bold); return wrap(pen, text, inner).map((line) => ({ line, size, bold })) }
  const answer = document.querySelector('.answer > p')?.textContent ?? ''
  const from = origin(state)
  const head = [...lines(document.querySelector('h1')?.textContent ?? from.title!, 38, true), ...(answer ? lines(answer, 24) : [])]
  const foot = credits(state).flatMap((text) => lines(text, 20))
  pen.font = font(20)
  const columns = Math.max(1, Math.floor(inner / 400))
  const rows = Math.ceil(marks.entries.length / columns)
  const legendHeight = marks.entries.length ? 44 + rows * 34 : 0
  const tall = (list: { size: number }[]) => list.reduce((sum, l) => sum + l.size * 1.35, 0)
  canvas.width = width
  canvas.height = Math.round(PAD * 3 + tall(head) + height + legendHeight + PAD + tall(foot))
  pen.fillStyle = '#fffdf9'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  let y = PAD
  const write = (list: typeof head, colour: string) => {
    pen.fillStyle = colour
    for (const l of list) {
      pen.font = font(l.size, l.bold)
      y += l.size * 1.35
      pen.fillText(l.line, PAD, y - l.size * 0.35)
    }
  }
  write(head, INK)
  y += PAD / 2
  pen.drawImage(map, 0, y, width, height)
  y += height + PAD / 2
  if (marks.entries.length) {
    write(lines([marks.title, from.moment].filter(Boolean).join(' · '), 22, true), INK)
    pen.font = font(20)
    marks.entries.forEach((e, k) => {
      const [x, top] = [PAD + (k % columns) * (inner / columns), y + 10 + Math.floor(k / columns) * 34]
      pen.drawImage(e.swatch, x, top, 40, 27)
      pen.fillStyle = INK
      pen.fillText(wrap(pen, e.text, inner / columns - 60)[0] ?? '', x + 52, top + 20)
    })
    y += 14 + rows * 34
  }
  y += PAD / 2
  write(foot, SOFT)
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('no picture'))), 'image/png'))
}
