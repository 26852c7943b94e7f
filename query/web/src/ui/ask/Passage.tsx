/** Question 1: who passes here, and when. */
import { estimate, unusual } from '../../answer/estimate'
import { comparison, passage } from '../../answer/passage'
import { counted, isFlow, offers, say, type Measure } from '../../catalog'
import { figure, type Profile } from '../../frame'
import { number } from '../../number'
import { kindOf, ofKind, slotBrief, whenWords } from '../../slot'
import type { Props } from '../App'
import { TableView } from '../TableView'
import { TimeBar } from '../TimeBar'
import { useLazy } from '../hooks'
import { Answer, ComparePick, GuessButton, label, MapPart, Next, Part, SourcePick, Sure, TEXT, useAsked, useBias, ZonePick, zoneOf } from './parts'
import { Week } from './Week'

const momentOf = (profile: Profile, slot: string) => estimate(figure(profile, profile.slots.indexOf(slot)))

export function PassagePage(props: Props) {
  const { session, state } = props
  const { zones, places, shown, slot, view, layer, catalog } = state
  const { lang } = view
  const fr = lang === 'fr'
  const measure = shown && !isFlow(shown) ? shown : undefined
  const zone = zoneOf(state)
  const id = zone === undefined ? undefined : zones?.id(zone)
  const profile = useAsked<Profile>(props, measure && zones && id !== undefined ? `profile/${measure.id}/${zones.system}/${id}` : undefined, () => session.api.profile(measure!.id, zones!.system, id!, zone!))
  // Of the same subject, a measure by date shows the days out of the ordinary.
  const dated = offers(catalog!, layer!).find((m): m is Measure => !isFlow(m) && m.slots.filter((s) => kindOf(s) === 'date').length >= 10)
  const days = useAsked<Profile>(props, dated && zones && id !== undefined ? `profile/${dated.id}/${zones.system}/${id}` : undefined, () => session.api.profile(dated!.id, zones!.system, id!, zone!))
  const other = view.with === undefined ? undefined : zones?.at(view.with)
  const second = useAsked<Profile>(props, measure && zones && other !== undefined ? `profile/${measure.id}/${zones.system}/${view.with}` : undefined, () => session.api.profile(measure!.id, zones!.system, view.with!, other!))
  const otherName = other === undefined || !zones ? '' : label(zones, other, lang, places)
  const name = zone === undefined || !zones ? '' : label(zones, zone, lang, places)
  const unit = say(measure?.unit, lang)
  const counts = counted(catalog, measure)
  const bias = useBias(props, measure)
  const found = profile && measure && zone !== undefined ? passage(profile, kindOf(slot) ?? 'all', { name, unit, decimals: measure.decimals, counted: counts }, lang) : undefined
  const odd = days ? unusual(ofKind(days.slots, 'date').flatMap((s) => { const f = figure(days, days.slots.indexOf(s)); return f.value === null ? [] : [{ s, v: f.value }] }), (d) => d.v) : []
  const shares = found && number(found.published, lang)
  const guess = useLazy(() => import('./GuessCurve'), !!view.guess)
  if (view.guess) {
    return (
      <>
        <div class="controls"><SourcePick {...props} /><ZonePick {...props} zone={zone} /></div>
        {guess && profile && measure ? <guess.GuessCurve key={`${measure.id}/${id}`} {...props} profile={profile} name={name} unit={unit} decimals={measure.decimals} /> : <div class="bone bone-chart" aria-hidden="true" />}
      </>
    )
  }
  return (
    <>
      <div class="controls"><SourcePick {...props} /><ZonePick {...props} zone={zone} /><ComparePick {...props} zone={zone} other={other} /><GuessButton {...props} /></div>
      <Answer text={found?.sentence} lang={lang}>
        {second && profile && measure && <p class="compared">{comparison({ name, at: momentOf(profile, slot) }, { name: otherName, at: momentOf(second, slot) }, { when: whenWords(slot, lang), unit, decimals: measure.decimals }, lang)}</p>}
      </Answer>
      <div class="ask-two">
        <MapPart {...props} state={{ ...state, view: { ...view, zone: id } }}><TimeBar {...props} /></MapPart>
        <div class="stack">
        <Part title={fr ? `La semaine : ${name}` : `The week: ${name}`}>
          {profile && found && measure ? <Week session={session} profile={profile} slot={slot} sentence={found.sentence} unit={unit} decimals={measure.decimals} lang={lang} /> : <div class="bone bone-chart" aria-hidden="true" />}
          {second && measure && <><h3>{otherName}</h3><Week session={session} profile={second} slot={slot} sentence={passage(second, kindOf(slot) ?? 'all', { name: otherName, unit, decimals: measure.decimals, counted: counts }, lang).sentence} unit={unit} decimals={measure.decimals} lang={lang} /></>}
          {dated && days && <p>{odd.length ? (fr ? `Jours hors de l’ordinaire : ${odd.map((d) => slotBrief(d.s, lang)).join(', ')}.` : `Days out of the ordinary: ${odd.map((d) => slotBrief(d.s, lang)).join(', ')}.`) : fr ? 'Aucun jour hors de l’ordinaire.' : 'No day out of the ordinary.'}
            <span class="muted"> {fr ? 'Plus de trois écarts-types robustes de la médiane.' : 'More than three robust standard deviations from the median.'}</span></p>}
        </Part>
      {found && (
        <Sure {...props} zone={zone} lines={[
          fr ? `${shares} ${found.published > 1 ? 'moments publiés' : 'moment publié'}${found.withheld ? `, ${number(found.withheld, lang)} non publiés` : ''}${found.missing ? `, ${number(found.missing, lang)} sans mesure` : ''}.` : `${shares} ${found.published > 1 ? 'moments' : 'moment'} published${found.withheld ? `, ${number(found.withheld, lang)} not published` : ''}${found.missing ? `, ${number(found.missing, lang)} without measure` : ''}.`,
          found.intervals && (fr ? 'Deux moments ne sont dits différents que si leurs intervalles à 95 % ne se touchent pas.' : 'Two moments are called different only if their 95% intervals do not touch.'),
          !found.intervals && (fr ? 'Sans marge d’erreur, le classement est celui des chiffres de la source, rien de plus.' : 'Without a margin of error, the order is that of the source’s figures, nothing more.'),
          bias,
          say(measure?.summary, lang),
        ]} />
      )}
        </div>
      </div>
      <Part title={TEXT[lang].table}><TableView {...props} /></Part>
      <Next {...props} ways={[
        { text: fr ? 'Qu’est-ce qui a changé ici ?' : 'What has changed here?', go: () => session.ask(9) },
        { text: fr ? 'D’où vient-on ?' : 'Where do people come from?', go: () => session.ask(2) },
      ]} />
    </>
  )
}
