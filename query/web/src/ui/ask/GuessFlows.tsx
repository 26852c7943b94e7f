/** Ranks the first origins or destinations of a place before seeing them. */
import { estimate } from '../../answer/estimate'
import { say } from '../../catalog'
import type { Partners } from '../../flow'
import type { Props } from '../App'
import { useLazy } from '../hooks'

const RANKED = 5

export function GuessFlows(props: Props & { found: Partners; zone: number; name: string }) {
  const { state, found, zone, name } = props
  const { lang, dir } = state.view
  const rank = useLazy(() => import('./GuessRank'), true)
  const items = found.all.slice(0, RANKED).flatMap((p) => { const at = estimate(p); return at ? [{ name: state.zones!.name(p.zone, lang), at }] : [] })
  const question = lang === 'fr' ? (dir === 'from' ? `Où va-t-on le plus depuis ${name} ?` : `D’où vient-on le plus vers ${name} ?`) : dir === 'from' ? `Where do most people go from ${name}?` : `Where do most people come from to ${name}?`
  return rank ? <rank.GuessRank key={`${zone}/${dir}`} {...props} items={items} question={question} unit={say(state.shown?.unit, lang)} decimals={state.shown?.decimals ?? 0} /> : <div class="bone bone-chart" aria-hidden="true" />
}
