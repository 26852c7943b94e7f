/** The legend: classes with readable bounds and counts, and in words each state that is not a number. */
import { useState } from 'preact/hooks'
import { counted, isFlow, labelled, say } from '../catalog'
import * as Flag from '../flag'
import { partners } from '../flow'
import { about } from '../answer/estimate'
import { overviewWords } from '../answer/overview'
import { classWords, NO_DATA, NOT_PUBLISHED, NOTHING, tally, ZERO, type Look } from '../legend'
import { QUIET, SILENT } from '../map/lines'
import { HEIGHTS, SHADES, tallLayer } from '../map/relief'
import { DUST, INK, PLAIN, VEIL, ZERO_COLOUR } from '../map/pattern'
import { number } from '../number'
import { words } from '../words'
import type { Props } from './App'
import { Icon } from './Logo'

const DOTS = [3.5, 9.5, 15.5, 21.5].flatMap((x) => [[x, 4.5], [x + 3, 9], [x, 13.5]] as [number, number][])
/** Estimated, partial. */
const MARKS = { wide: ['M8 12 13 6M15 12 20 6', 'M5 9h4M11 9h4M17 9h4'], round: ['M10.500 12 15.500 6', 'M8.500 9h3M14.500 9h3'] }

/** A sample of a look, drawn as the map draws it. */
export function Swatch({ look, colour, mark, round }: { look?: Look; colour?: string; mark?: number; round?: boolean }) {
  const fill = colour ?? (look === NOT_PUBLISHED ? VEIL : look === NO_DATA ? DUST : look === ZERO ? ZERO_COLOUR : look === NOTHING ? PLAIN : 'none')
  return (
    <svg class="swatch" viewBox="0 0 26 18" aria-hidden="true" focusable="false">
      {round ? <circle cx="13" cy="9" r="7.500" fill={fill} /> : <rect x=".5" y=".5" width="25" height="17" rx="3" fill={fill} />}
      {look === NOT_PUBLISHED && <path d={round ? 'M6.500 7.500 11.500 2.500M6.500 12.500 16.500 2.500M9.500 15.500 19.500 5.500M14.500 15.500 19.500 10.500' : 'M1 7 7 1M1 13 13 1M2 17.500 18.500 1M8 17.500 24.500 1M14 17.500 25.500 6M20 17.500 25.500 12'} stroke={INK} stroke-width="1.1" fill="none" />}
      {look === NO_DATA && DOTS.filter(([x, y]) => !round || Math.hypot(x - 13, y - 9) < 6.5).map(([x, y]) => <circle key={`${x} ${y}`} cx={x} cy={y} r="1" fill={INK} />)}
      {!!mark && ['rgba(255,255,255,.85)', '#28241e'].map((stroke, k) => (
        <path key={stroke} d={(round ? MARKS.round : MARKS.wide)[mark === Flag.ESTIMATED ? 0 : 1]} stroke={stroke} stroke-width={k ? 1.4 : 3} stroke-linecap="round" fill="none" />
      ))}
      {round ? <circle cx="13" cy="9" r="7.500" fill="none" stroke="#8a8072" stroke-width=".8" /> : <rect x=".5" y=".5" width="25" height="17" rx="3" fill="none" stroke="#8a8072" stroke-width=".8" stroke-dasharray={look === NOTHING ? '2 2' : undefined} />}
    </svg>
  )
}

const Arc = () => <svg class="swatch" viewBox="0 0 26 18" aria-hidden="true"><path d="M2 15Q12 0 24 6" stroke="#a23c20" stroke-width="4" fill="none" stroke-linecap="round" /></svg>

/** A sample of a line as the map draws it: nothing is said of a thin one. */
function Stroke({ look, colour, classes }: { look: Look; colour?: string; classes: number }) {
  const width = look > 0 ? 2 + (5 * look) / Math.max(1, classes) : look === ZERO ? 2.2 : look === NOT_PUBLISHED ? 1.4 : look === NO_DATA ? 1 : 0
  return <svg class="swatch" viewBox="0 0 26 18" aria-hidden="true" focusable="false"><path d="M2 13 10 6 16 11 24 5" fill="none" stroke={colour ?? (look === NO_DATA ? SILENT : QUIET)} stroke-width={width} stroke-linejoin="round" stroke-linecap="round" /></svg>
}

interface Row { key: string; swatch: preact.JSX.Element; text: string; count?: number }

function classRows({ state }: Props): Row[] {
  const { lang } = state.view
  const w = words(lang)
  const { scale, looks = [], frame, shown, layer } = state
  if (!scale || !frame) return []
  const counts = tally(looks)
  const round = layer?.geometry === 'point'
  const row = (look: Look, text: string, colour?: string): Row => ({ key: String(look), text, count: counts.get(look) ?? 0, swatch: layer?.geometry === 'line' ? <Stroke look={look} colour={colour} classes={scale.colours.length} /> : <Swatch look={look} colour={colour} round={round} /> })
  const flagged = (flag: number) => frame.flag.filter((f) => f === flag).length
  const middle = scale.colours[Math.floor(scale.colours.length / 2)]
  const marks: [number, string][] = [[Flag.ESTIMATED, w.estimatedLegend], [Flag.PARTIAL, w.partialLegend]]
  return [
    ...scale.colours.map((colour, k) => row(k + 1, classWords(scale.breaks, k, lang), colour)).reverse(),
    ...(scale.zeroApart ? [row(ZERO, state.zeroText ?? w.zero)] : []),
    ...(shown && isFlow(shown) ? [row(NOTHING, w.noFlowLegend)] : []),
    ...[[NOT_PUBLISHED, counted(state.catalog, shown) ? w.notPublishedProtectedLegend : w.notPublishedLegend], [NO_DATA, w.noDataLegend]]
      .filter(([look]) => !(shown && isFlow(shown)) || counts.get(look as Look)).map(([look, text]) => row(look as Look, text as string)),
    ...marks.filter(([flag]) => flagged(flag) > 0).map(([flag, text]): Row => ({
      key: `m${flag}`, text, count: flagged(flag), swatch: <Swatch colour={middle} mark={flag} round={round} />,
    })),
  ]
}

function categoryRows({ state }: Props): Row[] {
  const { layer, view } = state
  const style = layer?.style ?? {}
  const round = layer?.geometry === 'point'
  const rows = Object.entries(style.colours ?? {}).map(([text, colour]): Row => ({ key: text, text: labelled(layer, style.by, text, view.lang), swatch: <Swatch colour={colour} round={round} /> }))
  if (rows.length) return rows
  return [{ key: 'one', text: say(layer?.title, view.lang), swatch: <Swatch colour={style.colour ?? '#0f5f66'} round={round} /> }]
}

export function Legend(props: Props) {
  const { state } = props
  const { lang } = state.view
  const w = words(lang)
  const { layer, shown } = state
  if (!layer) return null
  const zone = state.view.zone === undefined ? undefined : state.zones?.at(state.view.zone)
  const drawn = state.rows && zone !== undefined ? partners(state.rows, zone, state.view.dir ?? 'to').top.length : 0
  const rows = shown ? classRows(props) : categoryRows(props)
  const by = !shown && layer.properties?.find((p) => p.name === layer.style?.by)
  const title = shown ? say(shown.title, lang) : by ? say(by.title, lang) || by.name : w.legend
  const unit = shown ? say(shown.unit, lang) : ''
  return (
    <section class="legend" aria-label={w.legend}>
      <h2>{title}{unit && <span class="unit"> ({unit})</span>}</h2>
      {rows.length === 0 ? !state.problem && <div class="bone bone-legend" /> : (
        <ul class="legend-rows">
          {rows.map((r) => (
            <li key={r.key} class={r.count === 0 ? 'none' : ''}>
              {r.swatch}<span>{r.text}</span>
              {r.count !== undefined && <span class="count" title={w.zonesCount(r.count)}>{number(r.count, lang)}</span>}
            </li>
          ))}
        </ul>
      )}
      {drawn > 0 && <p class="legend-note"><Arc />{w.topFlows(drawn)}</p>}
      {shown && !isFlow(shown) && <Whole {...props} />}
      {shown && isFlow(shown) && zone === undefined && <Wide {...props} />}
      {state.view.relief && state.view.as === 'map' && <Heights {...props} />}
      {shown?.summary && <p class="legend-note">{say(shown.summary, lang)}</p>}
    </section>
  )
}

/** The whole territory, drawn by itself, and what of it no published zone shows. */
function Whole({ state }: Props) {
  const { shown, layer, view } = state
  const { lang } = view
  const total = shown && !isFlow(shown) ? shown.totals?.find((t) => t.slot === (state.frameSlot ?? 'all')) : undefined
  if (!total || !shown) return null
  const fr = lang === 'fr'
  const rest = total.rests?.[layer?.zones ?? '']
  const said = about(total, say(shown.unit, lang), lang, shown.decimals)
  return <p class="legend-note legend-total">{fr ? `Tout le territoire : ${said}.` : `Whole territory: ${said}.`}{rest !== undefined && (fr ? ` Dans aucune zone publiée : ${number(rest, lang, shown.decimals)}.` : ` In no published zone: ${number(rest, lang, shown.decimals)}.`)}</p>
}

/** What the shades of standing buildings mean. */
function Heights({ state }: Props) {
  const { lang } = state.view
  const tall = state.catalog && tallLayer(state.catalog)
  if (!tall) return null
  return (
    <div class="legend-heights">
      <h3>{lang === 'fr' ? 'Hauteur des bâtiments' : 'Height of buildings'} <span class="unit">({tall.unit})</span></h3>
      <ul class="legend-rows">{SHADES.map((colour, k) => <li key={colour}><Swatch colour={colour} /><span>{classWords(HEIGHTS, k, lang)}</span></li>).reverse()}</ul>
      <p class="legend-note">{lang === 'fr' ? 'Au clavier, Maj et les flèches inclinent et tournent la vue.' : 'With the keyboard, Shift and the arrows lean and turn the view.'}</p>
    </div>
  )
}

/** What the lines of the whole territory are, and what is not drawn. */
function Wide({ state }: Props) {
  const { wide, shown, catalog, view } = state
  if (!wide || !shown) return null
  const system = catalog?.zone_systems.find((s) => s.id === wide.zones.system)
  const about = { zones: lower(say(system?.title, view.lang)), unit: say(shown.unit, view.lang), decimals: shown.decimals, overlap: !!counted(catalog, shown) }
  return (
    <div class="legend-note legend-wide">
      <Arc />
      {overviewWords(wide.found, about, view.lang).map((text) => <p key={text}>{text}</p>)}
    </div>
  )
}

const lower = (text: string) => (/^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text)

/** The legend as it floats over the map: it can be folded away. */
export function FoldingLegend(props: Props & { folded?: boolean }) {
  const [open, setOpen] = useState(!props.folded)
  const w = words(props.state.view.lang)
  return (
    <div class={`float-legend${open ? '' : ' folded'}`}>
      <button type="button" class="quiet fold" aria-expanded={open} aria-controls="legend" aria-label={open ? w.hideLegend : w.showLegend} title={open ? w.hideLegend : w.showLegend} onClick={() => setOpen(!open)}>
        {!open && <span>{w.legend}</span>}<Icon name={open ? 'down' : 'up'} />
      </button>
      <div id="legend" hidden={!open}><Legend {...props} /></div>
    </div>
  )
}
