/** What the visit cost in bytes, and an estimate of its energy with the whole of its method. */
import { energyWords, MODEL, SEGMENTS } from '../energy'
import { bytes, number } from '../number'
import { words } from '../words'
import type { Props } from './App'

const TEXT = {
  fr: {
    title: 'Ce que coûte votre visite', segment: 'Poste', use: 'En service', made: 'Fabrication', unit: 'kWh par Go', sum: 'Ensemble',
    names: { servers: 'Serveurs', network: 'Réseaux', device: 'Votre appareil' },
    estimate: (size: string, e: string) => `${size} reçus : environ ${e}, selon que l’on compte les équipements en service seulement, ou aussi leur fabrication.`,
    how: 'Énergie (Wh) = octets ÷ 1 000 000 000 × somme des kWh par Go × 1 000.',
    sure: 'C’est un ordre de grandeur. Ces coefficients sont des moyennes mondiales : l’énergie totale des centres de données, des réseaux et des appareils, divisée par les octets transférés. Le modèle ne publie pas sa marge d’erreur ; une visite précise peut coûter plusieurs fois moins ou plus. Un serveur communal et un réseau fixe sont plutôt en dessous. L’écran allumé coûte le plus souvent davantage que les octets.',
    source: 'Source : Sustainable Web Design Model, version 4',
  },
  en: {
    title: 'What your visit costs', segment: 'Part', use: 'In use', made: 'Manufacture', unit: 'kWh per GB', sum: 'Together',
    names: { servers: 'Servers', network: 'Networks', device: 'Your device' },
    estimate: (size: string, e: string) => `${size} received: about ${e}, counting the equipment in use only, or its manufacture too.`,
    how: 'Energy (Wh) = bytes ÷ 1,000,000,000 × sum of the kWh per GB × 1,000.',
    sure: 'This is an order of magnitude. The coefficients are averages of the world: all the energy of data centres, networks and devices divided by the bytes transferred. The model publishes no margin of error; one visit may cost several times less or more. A council’s own server and a fixed line are rather below. The lit screen mostly costs more than the bytes.',
    source: 'Source: Sustainable Web Design Model, version 4',
  },
}

export function Cost({ state }: Props) {
  const { lang } = state.view
  const t = TEXT[lang]
  const w = words(lang)
  const n = (v: number) => number(v, lang, 3)
  const sum = (of: 'use' | 'made') => SEGMENTS.reduce((all, s) => all + s[of], 0)
  return (
    <section id="cost">
      <h3>{t.title}</h3>
      <p>{t.estimate(bytes(state.bytes, lang), energyWords(state.bytes, lang))} {w.visitCostHelp}</p>
      <table class="cost-table">
        <caption class="unseen">{t.unit}</caption>
        <thead><tr><th scope="col">{t.segment}</th><th scope="col" class="num">{t.use} ({t.unit})</th><th scope="col" class="num">{t.made} ({t.unit})</th></tr></thead>
        <tbody>{SEGMENTS.map((s) => <tr key={s.id}><th scope="row">{t.names[s.id]}</th><td class="num">{n(s.use)}</td><td class="num">{n(s.made)}</td></tr>)}
          <tr><th scope="row">{t.sum}</th><td class="num">{n(sum('use'))}</td><td class="num">{n(sum('made'))}</td></tr></tbody>
      </table>
      <p>{t.how}</p>
      <p class="muted">{t.sure}</p>
      <p><a href={MODEL} rel="noreferrer external">{t.source}</a></p>
    </section>
  )
}
