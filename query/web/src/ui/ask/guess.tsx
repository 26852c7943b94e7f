/** What both ways of guessing have: the words, and the way to the figures. */
import { useEffect, useRef } from 'preact/hooks'
import { unbroken } from '../../number'
import type { Session } from '../../session'
import type { Lang } from '../../words'
import './guess.css'

export const GUESS = {
  fr: {
    curve: (name: string, day: string) => `Dessinez : ${name}${day ? `, ${day}` : ''}`, reveal: 'Voir le chiffre publié', again: 'Recommencer', page: 'Voir la réponse complète', kept: 'Rien de ce que vous proposez n’est gardé ni envoyé.',
    how: 'Faites glisser de gauche à droite pour dessiner la courbe. Au clavier : flèches gauche et droite pour changer d’heure, haut et bas pour la valeur ; ou remplissez le tableau.',
    rankHow: 'Mettez ces lieux dans l’ordre, du plus grand nombre au plus petit : faites-les glisser, ou utilisez les flèches.',
    up: (name: string) => `Monter ${name}`, down: (name: string) => `Descendre ${name}`, moved: (name: string, at: number) => `${name} : rang ${at}`,
    yours: 'Votre dessin', theirs: 'Chiffre publié', table: 'Remplir ou lire le tableau', moment: 'Moment', top: (v: string) => `L’échelle va jusqu’à ${v}.`,
  },
  en: {
    curve: (name: string, day: string) => `Draw: ${name}${day ? `, ${day}` : ''}`, reveal: 'See the published figure', again: 'Start again', page: 'See the whole answer', kept: 'Nothing that you propose is kept or sent.',
    how: 'Drag from left to right to draw the curve. With the keyboard: left and right arrows change the hour, up and down the value; or fill in the table.',
    rankHow: 'Put these places in order, from the largest number to the smallest: drag them, or use the arrows.',
    up: (name: string) => `Move ${name} up`, down: (name: string) => `Move ${name} down`, moved: (name: string, at: number) => `${name}: rank ${at}`,
    yours: 'Your drawing', theirs: 'Published figure', table: 'Fill in or read the table', moment: 'Time', top: (v: string) => `The scale goes up to ${v}.`,
  },
}

export function Reveal({ session, lang, shown, sentence, reveal, again }: { session: Session; lang: Lang; shown: boolean; sentence: string; reveal: () => void; again: () => void }) {
  const t = GUESS[lang]
  const said = useRef<HTMLParagraphElement>(null)
  useEffect(() => { if (shown) said.current?.scrollIntoView({ block: 'nearest' }) }, [shown])
  return (
    <>
      <p class="guess-said" role="status" ref={said}>{unbroken(sentence, lang)}</p>
      <p class="actions">
        {shown ? <button type="button" onClick={again}>{t.again}</button> : <button type="button" class="primary" onClick={reveal}>{t.reveal}</button>}
        <button type="button" class={shown ? 'primary' : 'quiet'} onClick={() => session.go({ guess: undefined })}>{t.page}</button>
      </p>
      <p class="muted">{t.kept}</p>
    </>
  )
}
