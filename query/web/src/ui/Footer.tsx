import { energyWords } from '../energy'
import { bytes, date } from '../number'
import { words } from '../words'
import type { Props } from './App'

export function Footer({ state, about }: Props & { about: (at?: 'cost') => void }) {
  const { lang } = state.view
  const w = words(lang)
  const { catalog } = state
  return (
    <footer class="footer">
      {catalog && <span title={w.builtAt(date(catalog.built_at, lang, catalog.territory.time_zone))}>{w.release} <code>{catalog.release}</code></span>}
      {state.bytes > 0 && <span class="cost" title={w.visitCostHelp}>{w.visitCost(bytes(state.bytes, lang))} · <button type="button" class="link" disabled={!catalog} onClick={() => about('cost')}>{w.visitEnergy(energyWords(state.bytes, lang))}</button></span>}
      {catalog && <button type="button" class="link" onClick={() => about()}>{w.about}</button>}
    </footer>
  )
}
