/** A table that can be sorted, filtered by name, paged when long, and taken away as CSV. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { csv, download, type CSVCell } from '../csv'
import { fold } from '../match'
import { number } from '../number'
import { words, type Lang } from '../words'
import { Icon } from './Logo'

export interface Column<R> {
  id: string
  title: string
  numeric?: boolean
  /** What rows are ordered by; null is last either way. */
  key: (row: R) => string | number | null
  cell: (row: R) => ComponentChildren
  /** Left out on narrow screens. */
  wide?: boolean
}

/** How wide the interval of a figure is: ordered by its width. */
export const intervalColumn = <R extends { lo: number | null; hi: number | null }>(lang: Lang, decimals: number, wide = false): Column<R> => ({
  id: 'interval', wide, title: words(lang).interval, numeric: true,
  key: (r) => (r.hi === null || r.lo === null ? null : r.hi - r.lo),
  cell: (r) => (r.lo === null || r.hi === null ? '' : `${number(r.lo, lang, decimals)} – ${number(r.hi, lang, decimals)}`),
})

export interface GridProps<R> {
  caption: string
  columns: Column<R>[]
  rows: R[]
  id: (row: R) => string
  name: (row: R) => string
  lang: Lang
  selected?: string
  choose?: (row: R) => void
  /** First order: column id, "-" before it for descending. */
  order: string
  file: string
  header: string[]
  record: (row: R) => CSVCell[]
  foot?: ComponentChildren
  note?: ComponentChildren
}

const PAGE = 100
const PAGED_FROM = 500

function compare(a: string | number | null, b: string | number | null, up: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const by = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'fr', { numeric: true })
  return up ? by : -by
}

const looks = (c: { numeric?: boolean; wide?: boolean }) => [c.numeric && 'num', c.wide && 'wide-column'].filter(Boolean).join(' ')

export function Grid<R>(props: GridProps<R>) {
  const { columns, rows, lang, order } = props
  const w = words(lang)
  const [sort, setSort] = useState(order)
  const [filter, setFilter] = useState('')
  const [page, setPage] = useState(0)
  useEffect(() => setSort(order), [order])
  const up = !sort.startsWith('-')
  const by = columns.find((c) => c.id === sort.replace(/^-/, '')) ?? columns[0]!

  const kept = useMemo(() => {
    const wanted = fold(filter)
    const some = wanted ? rows.filter((r) => fold(props.name(r)).includes(wanted)) : [...rows]
    return some.map((row, at) => ({ row, at, key: by.key(row) })).sort((a, b) => compare(a.key, b.key, up) || a.at - b.at).map((r) => r.row)
  }, [rows, filter, sort, lang])
  const size = rows.length > PAGED_FROM ? PAGE : rows.length || 1
  const pages = Math.max(1, Math.ceil(kept.length / size))
  const here = Math.min(page, pages - 1)
  const shown = kept.slice(here * size, (here + 1) * size)
  useEffect(() => setPage(0), [filter, sort])

  return (
    <div class="grid">
      <div class="grid-tools">
        <label class="filter"><span class="unseen">{w.filter}</span><Icon name="search" />
          <input type="search" placeholder={w.filter} value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
        </label>
        <span class="muted" role="status">{w.rows(kept.length)}</span>
        <button type="button" class="download" onClick={() => download(`${props.file}.csv`, csv(props.header, kept.map(props.record), lang))}><Icon name="file" />{w.downloadCSV}</button>
        <button type="button" class="quiet" title={w.otherCSVHelp} onClick={() => download(`${props.file}.csv`, csv(props.header, kept.map(props.record), lang === 'fr' ? 'en' : 'fr'))}>{w.otherCSV}</button>
      </div>
      {props.note}
      <div class="grid-scroll" tabIndex={0} role="region" aria-label={props.caption}>
        <table>
          <caption class="unseen">{props.caption}. {w.sorted(by.title, up)}.</caption>
          <thead>
            <tr>
              {columns.map((c) => (
                <th key={c.id} scope="col" class={looks(c)} data-title={c.title} aria-sort={c === by ? (up ? 'ascending' : 'descending') : 'none'}>
                  <button type="button" title={w.sortBy(c.title)} onClick={() => setSort(c === by ? `${up ? '-' : ''}${c.id}` : `${c.numeric ? '-' : ''}${c.id}`)}>
                    {c.title}<Icon name={c === by && up ? 'up' : 'down'} />
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => {
              const id = props.id(row)
              const on = id === props.selected
              return (
                <tr key={id} class={on ? 'on' : ''}>
                  {columns.map((c, k) => k === 0 ? (
                    <th key={c.id} scope="row">
                      {props.choose ? <button type="button" class="row-name" aria-pressed={on} onClick={() => props.choose!(row)}>{c.cell(row)}</button> : c.cell(row)}
                    </th>
                  ) : <td key={c.id} class={looks(c)}>{c.cell(row)}</td>)}
                </tr>
              )
            })}
          </tbody>
          {props.foot && <tfoot>{props.foot}</tfoot>}
        </table>
        {shown.length === 0 && <p class="empty">{w.noRows}</p>}
      </div>
      {pages > 1 && (
        <nav class="pages" aria-label={w.pages}>
          <button type="button" class="round quiet" aria-label={w.previous} disabled={here === 0} onClick={() => setPage(here - 1)}><Icon name="back" /></button>
          <span role="status">{w.page(here + 1, pages)} <span class="muted">({number(here * size + 1, lang)}–{number(Math.min(kept.length, (here + 1) * size), lang)})</span></span>
          <button type="button" class="round quiet" aria-label={w.next} disabled={here === pages - 1} onClick={() => setPage(here + 1)}><Icon name="next" /></button>
        </nav>
      )}
    </div>
  )
}
