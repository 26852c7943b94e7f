/** Question 9: what really changed between two moments. */
import { useMemo } from 'preact/hooks'
import { changes, changeOf, changeSentence, elsewhere, falseAlarms, lackWords, rateWords, signed, tallyOf, tallySentence, verdictWords, type Change } from '../../answer/change'
import { counted, isFlow, say, type Measure } from '../../catalog'
import { PARTIAL } from '../../flag'
import { figure, type Frame } from '../../frame'
import { NO_DATA as LOOK_NO_DATA, NOT_PUBLISHED as LOOK_NOT_PUBLISHED, look, roundedBreaks, scale, ZERO, type Scale } from '../../legend'
import { number } from '../../number'
import { kindOf, kindsIn, ofKind, slotBrief, whenWords } from '../../slot'
import { words, type Lang } from '../../words'
import type { Props } from '../App'
import { Grid, type Column } from '../Grid'
import { Answer, label, MapPart, Next, Part, SourcePick, Sure, TEXT, useAsked, ZonePick } from './parts'

/** Bounds on both sides of zero. */
function bounds(list: Change[]): Scale {
  const sizes = roundedBreaks(list.filter((c) => c.verdict === 'change').map((c) => Math.abs(c.d!.value)), 3)
  return { ...scale([...sizes.map((b) => -b).reverse(), 0, ...sizes], 0, { ramp: 'diverging' }), zeroApart: true }
}

const lookOf = (s: Scale, c: Change) => (c.verdict === 'change' ? look({ ...s, zeroApart: false }, c.d!.value, 0) : c.verdict === 'noise' ? ZERO : c.lack === 'withheld' ? LOOK_NOT_PUBLISHED : LOOK_NO_DATA)

/** The two moments: those in the address where they fit together, else the first and the last of their kind. */
function moments(measure: Measure, before: string | undefined, after: string | undefined): [string, string] {
  const kinds = kindsIn(measure.slots)
  const kind = kindOf(after ?? '') ?? (['month', 'date', 'day_type'] as const).find((k) => kinds.includes(k)) ?? kinds[0]!
  const slots = ofKind(measure.slots, kind)
  const b = after && slots.includes(after) ? after : slots.at(-1)!
  const a = before && slots.includes(before) && before !== b ? before : slots.find((s) => s !== b) ?? b
  return [a, b]
}

const MOST_READ = 36

/** Before somebody chooses, the first and the last moment that most places have whole: a month measured by half proves nothing. */
function useWhole(props: Props, measure: Measure | undefined, chosen: [string, string]): [string, string] {
  const { state, session } = props
  const system = state.layer?.zones
  const slots = measure ? ofKind(measure.slots, kindOf(chosen[1])!) : []
  const free = !!measure && !!system && state.view.with === undefined && state.view.slot === undefined && slots.length > 2 && slots.length <= MOST_READ
  const frames = useAsked<Frame[]>(props, free ? `whole/${measure.id}/${system}/${kindOf(chosen[1])}` : undefined, () => Promise.all(slots.map((s) => session.figures(measure!.id, system!, s))))
  if (!free) return chosen
  if (!frames) return ['', '']
  const ends = slots.filter((_, k) => { const { flag, value } = frames[k]!; return value.filter((v, i) => v !== null && flag[i] !== PARTIAL).length * 2 >= value.length })
  return ends.length > 1 ? [ends[0]!, ends.at(-1)!] : chosen
}

function Pick({ name, value, slots, lang, choose }: { name: string; value: string; slots: string[]; lang: Lang; choose: (slot: string) => void }) {
  return <label class="show">{name}{' '}<select value={value} onChange={(e) => choose(e.currentTarget.value)}>{slots.map((s) => <option key={s} value={s} selected={s === value}>{whenWords(s, lang)}</option>)}</select></label>
}

export function ChangePage(props: Props) {
  const { session, state } = props
  const { zones, places, shown, view, layer } = state
  const { lang } = view
  const fr = lang === 'fr'
  const w = words(lang)
  const measure = shown && !isFlow(shown) ? shown : undefined
  const chosen = measure ? moments(measure, view.with, view.slot) : ['', ''] as [string, string]
  const [a, b] = useWhole(props, measure, chosen)
  const frames = useAsked<[Frame, Frame]>(props, measure && layer?.zones && a ? `change/${measure.id}/${layer.zones}/${a}/${b}` : undefined,
    () => Promise.all([session.figures(measure!.id, layer!.zones!, a), session.figures(measure!.id, layer!.zones!, b)]))
  const found = useMemo(() => frames && changes(...frames), [frames])
  const classes = useMemo(() => found && bounds(found), [found])
  if (!measure || !found || !classes || !zones || !frames) return <Answer text={undefined} lang={lang} />
  const unit = say(measure.unit, lang)
  const zone = view.zone === undefined ? undefined : zones.at(view.zone)
  const [from, to] = [slotBrief(a, lang), slotBrief(b, lang)]
  const tally = tallyOf(found)
  const here = zone === undefined ? undefined : changeOf(zone, figure(frames[0], zone), figure(frames[1], zone))
  const rate = zone === undefined ? undefined : elsewhere(found, zone)
  const name = zone === undefined ? '' : label(zones, zone, lang, places)
  const sentence = here ? changeSentence(here, { name, from, to, unit, decimals: measure.decimals }, lang) : tallySentence(tally, from, to, lang)
  const title = { fr: `Écart, ${slotBrief(a, 'fr')} → ${slotBrief(b, 'fr')}`, en: `Difference, ${slotBrief(a, 'en')} → ${slotBrief(b, 'en')}` }
  const frame: Frame = { value: found.map((c) => c.d?.value ?? null), lo: found.map((c) => c.d?.lo ?? null), hi: found.map((c) => c.d?.hi ?? null), flag: found.map((c) => (c.d ? 0 : c.lack === 'withheld' ? 2 : 3)) }
  const changed = { ...state, shown: { ...measure, title, summary: undefined }, frame, frameSlot: b, scale: classes, looks: found.map((c) => lookOf(classes, c)), zeroText: fr ? 'Dans la marge d’erreur' : 'Within the margin of error', profile: undefined, rows: undefined }
  const slots = ofKind(measure.slots, kindOf(b)!)
  const kinds = kindsIn(measure.slots).filter((k) => ofKind(measure.slots, k).length > 1)
  const names = { hour: w.kindHour, three_hours: w.kindThreeHours, half_day: w.kindHalfDay, day_type: w.kindDay, month: w.kindMonth, date: w.kindDate, all: w.kindAll }
  const columns: Column<Change>[] = [
    { id: 'name', title: w.name, key: (c) => zones.name(c.zone, lang), cell: (c) => label(zones, c.zone, lang, places) },
    { id: 'a', title: from, numeric: true, wide: true, key: (c) => c.a?.value ?? null, cell: (c) => (c.a ? number(c.a.value, lang, measure.decimals) : '') },
    { id: 'b', title: to, numeric: true, wide: true, key: (c) => c.b?.value ?? null, cell: (c) => (c.b ? number(c.b.value, lang, measure.decimals) : '') },
    { id: 'd', title: fr ? 'Écart' : 'Difference', numeric: true, key: (c) => c.d?.value ?? null, cell: (c) => (c.d ? signed(c.d.value, lang, measure.decimals) : '') },
    { id: 'interval', title: w.interval, numeric: true, wide: true, key: (c) => (c.d?.lo != null ? c.d.hi! - c.d.lo : null), cell: (c) => (c.d?.lo != null ? `${signed(c.d.lo, lang, measure.decimals)} / ${signed(c.d.hi!, lang, measure.decimals)}` : '') },
    { id: 'verdict', title: 'Verdict', key: (c) => verdictWords(c.verdict, lang), cell: (c) => <>{verdictWords(c.verdict, lang)}{c.lack && <small class="muted"> ({lackWords(c.lack, lang)})</small>}</> },
  ]
  return (
    <>
      <div class="controls">
        <SourcePick {...props} />
        {kinds.length > 1 && <label class="show">{w.period}{' '}<select value={kindOf(b)} onChange={(e) => { const list = ofKind(measure.slots, e.currentTarget.value as 'month'); session.go({ with: list[0], slot: list.at(-1) }, 'replace') }}>{kinds.map((k) => <option key={k} value={k} selected={k === kindOf(b)}>{names[k]}</option>)}</select></label>}
        <Pick name={fr ? 'De' : 'From'} value={a} slots={slots.filter((s) => s !== b)} lang={lang} choose={(s) => session.go({ with: s, slot: b }, 'replace')} />
        <Pick name={fr ? 'à' : 'to'} value={b} slots={slots.filter((s) => s !== a)} lang={lang} choose={(s) => session.go({ with: a, slot: s }, 'replace')} />
        <ZonePick {...props} zone={zone} />
      </div>
      <Answer text={sentence} lang={lang}>
        {here && rate !== undefined && <p class="muted">{fr ? `Ailleurs, sur les mêmes moments, l’évolution médiane est de ${rateWords(rate, lang)}.` : `Elsewhere, between the same moments, the median change is ${rateWords(rate, lang)}.`}</p>}
        {here && <p><button type="button" class="link" onClick={() => session.select(undefined)}>{fr ? 'Voir tous les lieux' : 'See all places'}</button></p>}
      </Answer>
      <div class="ask-two">
        <MapPart {...props} state={changed} />
      <Sure {...props} lines={[
          fr ? 'Un changement n’est dit que si l’intervalle à 95 % de l’écart laisse zéro dehors. Sinon l’écart peut venir du hasard : cela ne prouve pas que rien n’a changé.' : 'A change is claimed only if the 95% interval of the difference leaves out zero. Otherwise the difference may be chance: which does not prove that nothing changed.',
          falseAlarms(tally) > 0 && (fr ? `Sur ${tally.of - tally.unknown} lieux comparés, comptez en moyenne jusqu’à ${falseAlarms(tally)} fausse${falseAlarms(tally) > 1 ? 's' : ''} alerte${falseAlarms(tally) > 1 ? 's' : ''} due${falseAlarms(tally) > 1 ? 's' : ''} au seul hasard.` : `Of ${tally.of - tally.unknown} places compared, expect on average up to ${falseAlarms(tally)} false alarm${falseAlarms(tally) > 1 ? 's' : ''} from chance alone.`),
          kindOf(b) === 'month' && (fr ? 'Deux mois différents diffèrent aussi par la saison, les vacances et la météo : un écart n’est pas l’effet de travaux à lui seul.' : 'Two different months also differ by season, holidays and weather: a difference is not by itself the effect of works.'),
          !!counted(state.catalog, measure) && (fr ? 'Le bruit ajouté pour protéger les personnes est compté dans l’intervalle.' : 'The noise added to protect people is counted in the interval.'),
        ]} />
      </div>
      <Part title={TEXT[lang].table}>
          <Grid caption={say(title, lang)} columns={columns} rows={found} lang={lang} order="-d" id={(c) => zones.id(c.zone)} name={(c) => label(zones, c.zone, lang, places)} selected={view.zone} choose={(c) => session.select(c.zone)}
            file={`change-${measure.id}-${a}-${b}`} header={['id', 'name', 'from', 'to', 'value_from', 'value_to', 'difference', 'lo', 'hi', 'verdict', 'unit', 'release']}
            record={(c) => [zones.id(c.zone), zones.name(c.zone, lang), a, b, c.a?.value, c.b?.value, c.d?.value, c.d?.lo, c.d?.hi, verdictWords(c.verdict, lang), unit, state.catalog!.release]} />
      </Part>
      <Next {...props} ways={[{ text: fr ? 'Comparer deux cartes, ou deux publications' : 'Compare two maps, or two releases', go: () => { session.subject(layer!.id); session.go({ show: measure.id, vs: '' }, 'replace') } }, { text: fr ? 'Qui passe ici, et quand ?' : 'Who passes here, and when?', go: () => session.ask(1, layer!.id) }]} />
    </>
  )
}
