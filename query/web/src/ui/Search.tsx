/** Search of a commune: a combobox with a list (ARIA Authoring Practices, "editable combobox with list autocomplete"). */
import { useId, useMemo, useRef, useState } from 'preact/hooks'
import { words } from '../words'
import { search } from '../zone'
import type { Props } from './App'
import { Icon } from './Logo'

export function Search({ session, state }: Props) {
  const { lang } = state.view
  const w = words(lang)
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const names = state.places?.raw.names ?? []
  const found = useMemo(() => search(names, text), [names, text])
  const shown = open && text.trim() !== ''

  const choose = (i: number | undefined) => {
    if (i === undefined) return
    session.visit(i)
    setText(names[i] ?? '')
    setOpen(false)
    setActive(-1)
  }
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      setOpen(true)
      setActive((now) => (found.length ? (now + step + found.length + (now < 0 && step < 0 ? 1 : 0)) % found.length : -1))
    } else if (event.key === 'Enter' && shown) {
      event.preventDefault()
      choose(found[Math.max(0, active)])
    } else if (event.key === 'Escape') {
      event.stopPropagation()
      if (shown) setOpen(false)
      else setText('')
    }
  }
  return (
    <search class="search">
      <label class="unseen" for={`${id}-in`}>{w.search}</label>
      <Icon name="search" />
      <input
        ref={input} id={`${id}-in`} type="text" role="combobox" autocomplete="off" spellcheck={false} placeholder={w.search}
        aria-expanded={shown && found.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        value={text}
        onInput={(event) => { setText(event.currentTarget.value); setOpen(true); setActive(-1) }}
        onKeyDown={keys} onFocus={() => setOpen(true)} onBlur={() => setTimeout(() => setOpen(false), 150)}
      />
      {text && (
        <button type="button" class="quiet search-clear" aria-label={w.clear} onClick={() => { setText(''); input.current?.focus() }}><Icon name="close" /></button>
      )}
      <ul id={`${id}-list`} role="listbox" aria-label={w.search} hidden={!shown || found.length === 0}>
        {shown && found.map((i, k) => (
          <li key={i} id={`${id}-${k}`} role="option" aria-selected={k === active} onPointerDown={(event) => { event.preventDefault(); choose(i) }}>{names[i]}</li>
        ))}
      </ul>
      {shown && found.length === 0 && <p class="search-none">{w.searchCount(0)}</p>}
      <span class="unseen" role="status">{shown ? w.searchCount(found.length) : ''}</span>
    </search>
  )
}
