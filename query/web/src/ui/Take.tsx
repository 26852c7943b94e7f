/** What can be taken away from the view: the map as a picture, its figures as GeoJSON and CSV, the layer itself. */
import { useRef, useState } from 'preact/hooks'
import type { Props } from './App'
import { Icon } from './Logo'

const TEXT = {
  fr: { take: 'Télécharger', picture: 'La carte en image (PNG)', geojson: 'Les formes et les chiffres (GeoJSON)', fr: 'Les chiffres (CSV, tableur français)', en: 'Les chiffres (CSV international)', layer: 'La couche entière (GeoParquet)', wait: 'Préparation…', done: 'Fichier prêt.', failed: 'Ce fichier n’a pas pu être préparé.' },
  en: { take: 'Download', picture: 'The map as a picture (PNG)', geojson: 'Shapes and figures (GeoJSON)', fr: 'Figures (CSV for French spreadsheets)', en: 'Figures (international CSV)', layer: 'The whole layer (GeoParquet)', wait: 'Preparing…', done: 'The file is ready.', failed: 'This file could not be prepared.' },
}

export function Take({ session, state }: Props) {
  const { layer, view } = state
  const t = TEXT[view.lang]
  const [said, setSaid] = useState('')
  const box = useRef<HTMLDetailsElement>(null)
  if (!layer) return null
  const close = () => { if (box.current) box.current.open = false }
  const take = (make: (m: typeof import('../take')) => Promise<void>) => {
    setSaid(t.wait)
    import('../take').then(make).then(() => { setSaid(t.done); close(); box.current?.querySelector('summary')?.focus() }, () => setSaid(t.failed))
  }
  const leave = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !box.current?.open) return
    event.stopPropagation()
    close()
    box.current.querySelector('summary')?.focus()
  }
  return (
    <details class="take" ref={box} onKeyDown={leave} onFocusOut={(event) => { if (event.relatedTarget && !box.current?.contains(event.relatedTarget as Node)) close() }}>
      <summary><Icon name="file" /> <span>{t.take}</span></summary>
      <ul>
        {state.picture && <li><button type="button" class="quiet" onClick={() => take((m) => m.takePicture(session.state))}>{t.picture}</button></li>}
        <li><button type="button" class="quiet" onClick={() => take((m) => m.takeGeoJSON(session))}>{t.geojson}</button></li>
        <li><button type="button" class="quiet" onClick={() => take((m) => m.takeCSV(session, 'fr'))}>{t.fr}</button></li>
        <li><button type="button" class="quiet" onClick={() => take((m) => m.takeCSV(session, 'en'))}>{t.en}</button></li>
        {layer.download && <li><a href={session.api.absolute(layer.download)} download>{t.layer}</a></li>}
        <li><p class="muted" role="status">{said}</p></li>
      </ul>
    </details>
  )
}
