/** Question 15: can I trust this figure, and may I publish it. */
import { trustSentence } from '../../answer/trust'
import { isFlow, say } from '../../catalog'
import { figure } from '../../frame'
import { number } from '../../number'
import { slotBrief } from '../../slot'
import type { Props } from '../App'
import { TableView } from '../TableView'
import { TimeBar } from '../TimeBar'
import { Answer, Controls, label, MapPart, Next, Part, SourcePick, Sure, TEXT, useBias, ZonePick, zoneOf } from './parts'
import { WhyBody } from './Why'

export function TrustPage(props: Props) {
  const { session, state } = props
  const { zones, places, shown, frame, view, frameSlot } = state
  const { lang } = view
  const fr = lang === 'fr'
  const zone = zoneOf(state)
  const bias = useBias(props, shown && !isFlow(shown) ? shown : undefined)
  if (!shown || isFlow(shown) || !frame || !zones || zone === undefined) return <><div class="controls"><SourcePick {...props} /><Controls {...props} /></div><Answer text={state.busy ? undefined : fr ? 'Aucun chiffre publié à cet endroit.' : 'No figure published there.'} lang={lang} /></>
  const slot = frameSlot ?? 'all'
  const published = frame.value.filter((v) => v !== null).length
  const withheld = frame.flag.filter((f) => f === 2).length
  const sentence = trustSentence(figure(frame, zone), { name: label(zones, zone, lang, places), when: slotBrief(slot, lang), measure: shown, unit: say(shown.unit, lang), bias }, lang)
  return (
    <>
      <div class="controls"><SourcePick {...props} /><Controls {...props} /><ZonePick {...props} zone={zone} /></div>
      <Answer text={sentence} lang={lang} />
      <div class="ask-two">
        <MapPart {...props} state={{ ...state, view: { ...view, zone: zones.id(zone) } }}><TimeBar {...props} /></MapPart>
        <Part title={TEXT[lang].why} class="why-part"><WhyBody {...props} measure={shown} zone={zone} slot={slot} frame={frame} /></Part>
      </div>
      <Part title={TEXT[lang].table}><TableView {...props} /></Part>
      <Sure {...props} lines={[
        fr ? `À ce moment, ${number(published, lang)} zones sur ${number(zones.count, lang)} ont un chiffre${withheld ? ` ; ${number(withheld, lang)} ne sont pas publiées` : ''}.` : `At this time, ${number(published, lang)} zones of ${number(zones.count, lang)} have a figure${withheld ? `; ${number(withheld, lang)} are not published` : ''}.`,
        frame.lo ? (fr ? 'L’intervalle à 95 % contient le chiffre cherché 95 fois sur 100 ; 5 fois sur 100, il est à côté.' : 'The 95% interval holds the figure looked for 95 times in 100; 5 times in 100 it does not.') : (fr ? 'Sans intervalle, on ne sait pas de combien ce chiffre peut être faux.' : 'Without an interval, by how much the figure may be wrong is not known.'),
      ]} />
      <Next {...props} ways={[{ text: fr ? 'Qu’est-ce qui a vraiment changé ?' : 'What really changed?', go: () => session.ask(9) }]} />
    </>
  )
}
