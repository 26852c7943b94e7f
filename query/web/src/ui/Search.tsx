/** Search of places, addresses and facilities: a combobox with a list in groups (ARIA Authoring Practices, "editable combobox with list autocomplete"). */
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks'
import { placeSystem, say, subjects } from '../catalog'
import type { Finder, Found, Group } from '../find/find'
import { search } from '../match'
import { words } from '../words'
import type { Props } from './App'
import { Icon } from './Logo'

/** Typing pauses before files are read. */
const PAUSE_MS = 180
const PLACES = 5

interface Option { name: string; within: string; go: () => void }

export function Search({ session, state }: Props) {
  const { lang } = state.view
  const w = words(lang)
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const finder = useRef<Promise<Finder>>(undefined)
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const [more, setMore] = useState<{ text: string; groups: Group[] }>({ text: '', groups: [] })
  const { places, catalog } = state
  const names = places?.raw.names ?? []
  const found = useMemo(() => search(names, text, PLACES), [names, text])
  const wider = !!catalog && (subjects(catalog).some((l) => l.search) || catalog.zone_systems.some((s) => s.geometry === 'polygon' && s.id !== places?.system))
  const shown = open && text.trim() !== ''

  useEffect(() => {
    if (!wider || text.trim().length < 2) return
    let late = false
    const timer = setTimeout(() => {
      finder.current ??= import('../find/find').then(({ Finder }) => new Finder(session.api, catalog!, session.zonesOf))
      finder.current.then((f) => f.find(text, lang)).then((groups) => { if (!late) setMore({ text, groups }) }, () => { finder.current = undefined })
    }, PAUSE_MS)
    return () => { late = true; clearTimeout(timer) }
  }, [text, wider, lang])

  const reach = (f: Found) => void session.reach(f)
  const lists: { title: string; options: Option[] }[] = [
    { title: say(catalog && placeSystem(catalog)?.title, lang), options: found.map((i) => ({ name: names[i]!, within: '', go: () => session.visit(i) })) },
    ...(text.trim().length < 2 ? [] : more.groups).map((g) => ({ title: g.title, options: g.found.map((f) => ({ name: f.name, within: f.within, go: () => reach(f) })) })),
  ].filter((g) => g.options.length)
  const options = lists.flatMap((g) => g.options)
  const waiting = wider && text.trim().length >= 2 && more.text !== text

  const choose = (option: Option | undefined) => {
    if (!option) return
    option.go()
    setText(option.name)
    setOpen(false)
    setActive(-1)
  }
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      setOpen(true)
      setActive((now) => (options.length ? (now + step + options.length + (now < 0 && step < 0 ? 1 : 0)) % options.length : -1))
    } else if (event.key === 'Enter' && shown) {
      event.preventDefault()
      choose(options[Math.max(0, active)])
    } else if (event.key === 'Escape') {
      event.stopPropagation()
      if (shown) setOpen(false)
      else setText('')
    }
  }
  useEffect(() => { if (active >= 0) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' }) }, [active])
  let k = -1
  return (
    <search class="search">
      <label class="unseen" for={`${id}-in`}>{wider ? w.searchAll : w.search}</label>
      <Icon name="search" />
      <input
        ref={input} id={`${id}-in`} type="text" role="combobox" autocomplete="off" spellcheck={false} placeholder={wider ? w.searchAll : w.search}
        aria-expanded={shown && options.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        value={text}
        onInput={(event) => { setText(event.currentTarget.value); setOpen(true); setActive(-1) }}
        onKeyDown={keys} onFocus={() => setOpen(true)} onBlur={() => setTimeout(() => setOpen(false), 150)}
      />
      {text && (
        <button type="button" class="quiet search-clear" aria-label={w.clear} onClick={() => { setText(''); session.set({ pin: undefined }); input.current?.focus() }}><Icon name="close" /></button>
      )}
      <div id={`${id}-list`} role="listbox" aria-label={wider ? w.searchAll : w.search} hidden={!shown || options.length === 0}>
        {shown && lists.map((g) => (
          <div key={g.title} role="group" aria-label={g.title}>
            {wider && <p class="search-group" aria-hidden="true">{g.title}</p>}
            {g.options.map((o) => {
              k++
              const mine = k
              return <div key={`${o.name}|${o.within}|${mine}`} id={`${id}-${mine}`} role="option" aria-selected={mine === active} onPointerDown={(event) => { event.preventDefault(); choose(options[mine]) }}>{o.name}{o.within && <small>{o.within}</small>}</div>
            })}
          </div>
        ))}
      </div>
      {shown && options.length === 0 && !waiting && <p class="search-none">{wider ? w.searchNothing : w.searchCount(0)}</p>}
      <span class="unseen" role="status">{!shown || waiting ? '' : wider && options.length === 0 ? w.searchNothing : w.searchCount(options.length)}</span>
    </search>
  )
}
