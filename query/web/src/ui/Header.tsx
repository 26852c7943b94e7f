import { say } from '../catalog'
import { words } from '../words'
import type { Props } from './App'
import { Icon, Logo } from './Logo'
import { Search } from './Search'

export function Header({ session, state, about }: Props & { about: () => void }) {
  const { lang } = state.view
  const w = words(lang)
  const territory = state.catalog?.territory
  const other = lang === 'fr' ? 'en' : 'fr'
  return (
    <header class="header">
      <div class="brand">
        <Logo />
        <p class="brand-names">
          <span class="product">{w.product}</span>
          {territory && <span class="territory">{say(territory.title, lang)}</span>}
        </p>
        {territory?.synthetic && <span class="synthetic" title={w.syntheticLong}>{w.synthetic}</span>}
      </div>
      {state.places && <Search session={session} state={state} />}
      <div class="header-tools">
        <button type="button" class="quiet tool" lang={other} onClick={() => session.go({ lang: other }, 'replace')}>
          {w.otherLanguageCode}<span class="unseen"> – {w.otherLanguage}</span>
        </button>
        {state.catalog && (
          <button type="button" class="quiet tool" onClick={about}>
            <Icon name="info" /><span class="wide-only">{w.about}</span><span class="unseen narrow-only">{w.about}</span>
          </button>
        )}
      </div>
    </header>
  )
}
