/** Question 2: where people come from and go to, and how. */
import { useMemo } from 'preact/hooks'
import { flowAnswer, modeWords, type Mode } from '../../answer/flows'
import { greatestWords, overviewWords } from '../../answer/overview'
import { about, estimate } from '../../answer/estimate'
import { counted, isFlow, say, type Flow, type Measure } from '../../catalog'
import { partners } from '../../flow'
import { overview } from '../../overview'
import { PairTable } from '../PairTable'
import { figure, type Frame } from '../../frame'
import { countedWords } from '../../period'
import type { Props } from '../App'
import { FlowTable } from '../TableView'
import { GuessFlows } from './GuessFlows'
import { Answer, Controls, GuessButton, label, MapPart, Next, Part, SourcePick, Sure, TEXT, useAsked, ZonePick } from './parts'

/** The classes of a split that the subject also shows: its modes. */
function split(props: Props): Measure[] {
  const { catalog, layer } = props.state
  const all = (layer?.measures ?? []).map((id) => catalog!.measures.find((m) => m.id === id)).filter((m): m is Measure => !!m?.member && m.systems.some((s) => s.zones === layer!.zones))
  return all.filter((m) => m.table === all[0]?.table)
}

function Modes(props: Props & { modes: Mode[]; unit: string; decimals: number; name: string }) {
  const { lang } = props.state.view
  const fr = lang === 'fr'
  const { modes, unit, decimals, name } = props
  const most = Math.max(1, ...modes.map((m) => m.at.hi ?? m.at.value))
  return (
    <Part title={fr ? `Comment on part de ${name}` : `How people leave ${name}`}>
      <p>{modeWords(modes, unit, lang, decimals)}</p>
      <ul class="modes">
        {modes.map((m) => (
          <li key={m.id}><span>{m.name}</span>
            <svg viewBox="0 0 200 16" preserveAspectRatio="none" aria-hidden="true"><rect class="bar-of" width={(200 * m.at.value) / most} height="16" />{m.at.lo !== null && m.at.hi !== null && <path d={`M${(200 * m.at.lo) / most} 8H${(200 * m.at.hi) / most}`} stroke="#26241f" stroke-width="2" />}</svg>
            <span class="num">{about(m.at, '', lang, decimals)}</span></li>
        ))}
      </ul>
      <p class="muted">{fr ? 'Une même personne peut utiliser plusieurs modes : ce ne sont pas des parts d’un tout.' : 'One person may use several modes: these are not shares of one whole.'}</p>
    </Part>
  )
}

/** No place is chosen: the greatest journeys of the territory. */
function Everywhere(props: Props & { flow: Flow }) {
  const { session, state, flow } = props
  const { zones, rows, catalog, view, layer } = state
  const { lang } = view
  const fr = lang === 'fr'
  const counts = counted(catalog, flow)
  const system = catalog!.zone_systems.find((s) => s.id === flow.zones)
  const about_ = { zones: say(system?.title, lang).toLocaleLowerCase(lang), unit: say(flow.unit, lang), decimals: flow.decimals, overlap: !!counts }
  const [all, drawn] = useMemo(() => [overview(rows!, Infinity), overview(rows!)], [rows])
  const most = all.drawn[0]?.[(view.dir ?? 'to') === 'to' ? 'destination' : 'origin']
  return (
    <>
      <div class="controls"><SourcePick {...props} /><ZonePick {...props} zone={undefined} /><Controls {...props} /></div>
      <Answer text={greatestWords(all.drawn, (z) => label(zones!, z, lang, state.places), about_, lang)} lang={lang}><p class="muted">{fr ? 'Choisissez un lieu, dans la liste ou sur la carte, pour savoir d’où l’on y vient, où l’on va et comment.' : 'Choose a place, in the list or on the map, to know where people come from, where they go and how.'}</p></Answer>
      <div class="ask-two">
        <MapPart {...props} />
        <div class="stack"><Part title={TEXT[lang].table}><PairTable {...props} /></Part></div>
      </div>
      <Sure {...props} lines={[
        ...overviewWords(drawn, about_, lang),
        counts && (fr ? `Sont comptés : ${countedWords(counts, false, lang)}. Une même personne peut compter dans plusieurs trajets : ils ne s’additionnent pas.` : `Counted are ${countedWords(counts, false, lang)}. One person may count in several journeys: they do not add up.`),
        fr ? 'De loin, les zones trop proches pour être distinguées sont regroupées là où la publication en a de plus grandes.' : 'From afar, zones too close to be told apart are put together where the release has larger ones.',
        say(flow.summary, lang),
      ]} />
      <Next {...props} ways={[
        ...(most === undefined ? [] : [{ text: fr ? `Par exemple : ${zones!.name(most, lang)}` : `For example: ${zones!.name(most, lang)}`, go: () => session.select(most) }]),
        { text: fr ? 'Qui passe ici, et quand ?' : 'Who passes here, and when?', go: () => session.ask(1, layer?.question === 1 ? layer.id : undefined) },
      ]} />
    </>
  )
}

export function FlowsPage(props: Props) {
  const { session, state } = props
  const { zones, places, shown, view, rows, catalog, layer } = state
  const { lang } = view
  const fr = lang === 'fr'
  const flow = shown && isFlow(shown) ? shown : undefined
  const direction = view.dir ?? 'to'
  const chosen = view.zone === undefined ? undefined : zones?.at(view.zone)
  // Guessing needs a place: without one, an end of the greatest journey.
  const zone = chosen ?? (view.guess && rows ? overview(rows, Infinity).drawn[0]?.[direction === 'to' ? 'destination' : 'origin'] : undefined)
  const members = split(props)
  const key = members.map((m) => m.id).join()
  const modeFrames = useAsked<Frame[]>(props, members.length && layer?.zones ? `modes/${key}` : undefined, () => Promise.all(members.map((m) => session.figures(m.id, layer!.zones!, m.slots[0] ?? 'all'))))
  // Of protected flows: all that leaves a place, and the part of it that no published journey shows.
  const companions = flow ? ['from', 'rest'].map((end) => catalog!.measures.find((m) => m.id === `${flow.id}_${end}`)) : []
  const parts = useAsked<Frame[]>(props, flow && layer?.zones && companions.every((m) => m) ? `parts/${flow.id}` : undefined, () => Promise.all(companions.map((m) => session.figures(m!.id, layer!.zones!, m!.slots[0] ?? 'all'))))
  if (!flow || !rows || !zones) return <Answer text={undefined} lang={lang} />
  if (zone === undefined) return <Everywhere {...props} flow={flow} />
  const found = partners(rows, zone, direction)
  const unit = say(flow.unit, lang)
  const name = label(zones, zone, lang, places)
  const found2 = flowAnswer(found, (z) => zones.name(z, lang), { place: name, unit, decimals: flow.decimals, direction, overlap: !!counted(catalog, flow) }, lang)
  const counts = counted(catalog, flow)
  const within = rows.origin.findIndex((o, k) => o === zone && rows.destination[k] === zone)
  const stay = within < 0 ? undefined : estimate(figure(rows, within))
  const modes = (modeFrames ?? []).flatMap((f, k): Mode[] => { const e = estimate(figure(f, zone)); return e ? [{ id: members[k]!.id, name: say(members[k]!.member, lang), at: e }] : [] }).sort((a, b) => b.at.value - a.at.value)
  const here = { ...state, view: { ...view, zone: zones.id(zone) } }
  const [all, rest] = (parts ?? []).map((f) => estimate(figure(f, zone)))
  if (view.guess) return <><div class="controls"><SourcePick {...props} /><ZonePick {...props} zone={zone} /><Controls {...props} /></div><GuessFlows {...props} found={found} zone={zone} name={name} /></>
  return (
    <>
      <div class="controls"><SourcePick {...props} /><ZonePick {...props} zone={zone} /><Controls {...props} />{found.all.filter((p) => p.value !== null).length > 2 && <GuessButton {...props} />}</div>
      <Answer text={found2.sentence} lang={lang}>{stay && <p class="muted">{fr ? `Sur place : ${about(stay, unit, lang, flow.decimals)}.` : `Within: ${about(stay, unit, lang, flow.decimals)}.`}</p>}
        {all && <p class="muted">{fr ? `Au départ d’ici, en tout : ${about(all, unit, lang, flow.decimals)}${rest ? `, dont ${about(rest, '', lang, flow.decimals)} dans des trajets trop rares pour être publiés` : ''}.` : `Leaving from here, in all: ${about(all, unit, lang, flow.decimals)}${rest ? `, of which ${about(rest, '', lang, flow.decimals)} in journeys too rare to be published` : ''}.`}</p>}</Answer>
      <div class="ask-two">
        <MapPart {...props} state={here} />
        <div class="stack">
        <Part title={TEXT[lang].table}><FlowTable {...props} state={here} /></Part>
      {modes.length > 0 && <Modes {...props} modes={modes} unit={say(members[0]!.unit, lang)} decimals={members[0]!.decimals} name={name} />}
        </div>
      </div>
      <Sure {...props} lines={[
        fr ? `${found2.published} trajets publiés un par un${found2.withheld ? `, ${found2.withheld} non publiés` : ''}. ${counts ? 'Une même personne peut compter dans plusieurs trajets : ils ne s’additionnent pas.' : ''}` : `${found2.published} journeys published one by one${found2.withheld ? `, ${found2.withheld} not published` : ''}. ${counts ? 'One person may count in several journeys: they do not add up.' : ''}`,
        found2.intervals && (fr ? 'Une origine n’est dite première que si son intervalle à 95 % ne touche aucun autre.' : 'An origin is called first only if its 95% interval touches no other.'),
        counts && (fr ? `Sont comptés : ${countedWords(counts, false, lang)}.` : `Counted are ${countedWords(counts, false, lang)}.`),
        say(flow.summary, lang),
      ]} />
      <Next {...props} ways={[
        { text: direction === 'to' ? (fr ? 'Et d’ici, où va-t-on ?' : 'And from here, where do people go?') : (fr ? 'Et d’où vient-on ici ?' : 'And where do people come from?'), go: () => session.go({ dir: direction === 'to' ? 'from' : 'to', zone: zones.id(zone) }) },
        { text: fr ? 'Qui passe ici, et quand ?' : 'Who passes here, and when?', go: () => session.ask(1) },
      ]} />
    </>
  )
}
