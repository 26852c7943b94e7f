/** What is looked at, as written in the address after "#": a link reproduces the view. */
import type { Lang } from './words'

export interface View {
  lang: Lang
  as: 'map' | 'table'
  subject?: string
  /** The planner's question that the page answers, on the subject. */
  question?: number
  /** Measure or flow of the subject; absent: its first. */
  show?: string
  slot?: string
  /** Selected zone or feature. */
  zone?: string
  /** Commune to which the view is restricted. */
  place?: string
  /** The slot or the zone that is compared with the shown one. */
  with?: string
  /** What one should have near: a category of facilities, and at most how far, in metres. */
  need?: string
  within?: string
  /** What the map is compared with: a slot, or "r/" and a release; side by side instead of under a divider. */
  vs?: string
  beside?: boolean
  /** Buildings are shown in three dimensions. */
  relief?: boolean
  /** The visitor's own area: a ring "lon,lat;lon,lat;…", "zones:ID,ID", or "file" when it is too long for a link; "" before there is one. */
  area?: string
  /** Flows: towards the selected zone (default) or from it. */
  dir?: 'to' | 'from'
  /** Guided tour that is followed, and its step, from 0. */
  tour?: string
  step?: number
  /** The visitor guesses before the answer is shown. */
  guess?: boolean
  at?: { zoom: number; lat: number; lon: number }
}

const KEYS = ['show', 'slot', 'zone', 'place', 'with', 'need', 'within', 'vs'] as const

/** "#/q/1/presence?…" for a question, "#/presence?slot=weekday-08&zone=…&at=12.3/43.51/1.57&lang=fr". Defaults are left out. */
export function toHash(view: View): string {
  const query = new URLSearchParams()
  for (const key of KEYS) if (view[key]) query.set(key, view[key])
  if (view.area) query.set('area', view.area)
  if (view.beside) query.set('beside', '1')
  if (view.relief) query.set('relief', '1')
  if (view.dir === 'from') query.set('dir', 'from')
  if (view.guess) query.set('guess', '1')
  if (view.tour) query.set('tour', view.tour)
  if (view.tour && view.step !== undefined) query.set('step', String(view.step + 1))
  if (view.as === 'table') query.set('view', 'table')
  if (view.at) query.set('at', `${round(view.at.zoom, 2)}/${round(view.at.lat, 5)}/${round(view.at.lon, 5)}`)
  query.set('lang', view.lang)
  return `#/${view.question ? `q/${view.question}/` : ''}${encodeURIComponent(view.subject ?? '')}?${query.toString().replaceAll('%2F', '/').replaceAll('%2C', ',').replaceAll('%3B', ';')}`
}

export function fromHash(hash: string, fallback: Lang): View {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const query = new URLSearchParams(search)
  const lang = query.get('lang')
  const view: View = { lang: lang === 'en' || lang === 'fr' ? lang : fallback, as: query.get('view') === 'table' ? 'table' : 'map' }
  const asked = path.match(/^q\/(\d{1,2})(?:\/(.*))?$/)
  if (asked) view.question = Number(asked[1])
  const subject = decoded(asked ? asked[2] ?? '' : path)
  if (subject) view.subject = subject
  for (const key of KEYS) {
    const value = query.get(key)
    if (value) view[key] = value
  }
  if (query.get('dir') === 'from') view.dir = 'from'
  if (query.get('beside')) view.beside = true
  if (query.get('relief')) view.relief = true
  const area = query.get('area')
  if (area) view.area = area
  if (query.get('guess')) view.guess = true
  const tour = query.get('tour')
  const step = Number.parseInt(query.get('step') ?? '', 10)
  if (tour) Object.assign(view, { tour, ...(step > 0 && { step: step - 1 }) })
  const at = (query.get('at') ?? '').split('/').map(Number)
  if (at.length === 3 && at.every(Number.isFinite) && Math.abs(at[1]!) <= 85 && Math.abs(at[2]!) <= 180 && at[0]! >= 0 && at[0]! <= 22) {
    view.at = { zoom: at[0]!, lat: at[1]!, lon: at[2]! }
  }
  return view
}

/** French unless the browser asks for English first. */
export const preferred = (languages: readonly string[]): Lang => (languages[0]?.toLowerCase().startsWith('en') ? 'en' : 'fr')

const round = (v: number, digits: number) => Number(v.toFixed(digits))

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
