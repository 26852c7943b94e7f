/** Tables as files that a spreadsheet of the language opens with one click. */
import type { Lang } from './words'

export type CSVCell = string | number | null | undefined

/**
 * Text with a byte order mark and CRLF. French: semicolons and decimal commas; English: commas and points. Text that a
 * spreadsheet would run as a formula is written after an apostrophe.
 */
export function csv(header: string[], rows: CSVCell[][], lang: Lang): string {
  const separator = lang === 'fr' ? ';' : ','
  const cell = (value: CSVCell): string => {
    if (value === null || value === undefined) return ''
    if (typeof value === 'number') return lang === 'fr' ? String(value).replace('.', ',') : String(value)
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
    return /["\r\n;,]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return `\ufeff${[header, ...rows].map((row) => row.map(cell).join(separator)).join('\r\n')}\r\n`
}

/** Hands the text to the browser as a download. */
export function download(name: string, text: string): void { save(name, new Blob([text], { type: 'text/csv;charset=utf-8' })) }

/** Hands GeoJSON to the browser as a download. */
export function saveGeoJSON(name: string, text: string): void { save(name, new Blob([text], { type: 'application/geo+json' })) }

/** Hands bytes to the browser as a download. */
export function save(name: string, blob: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
