import { useEffect, useState } from 'preact/hooks'

/** Whether the media query holds, kept up to date. */
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const changed = () => setHolds(list.matches)
    changed()
    list.addEventListener('change', changed)
    return () => list.removeEventListener('change', changed)
  }, [query])
  return holds
}

/** A component or module fetched when first needed. */
export function useLazy<T>(ask: () => Promise<T>, wanted: boolean): T | undefined {
  const [got, setGot] = useState<{ value: T }>()
  useEffect(() => {
    if (wanted && !got) ask().then((value) => setGot({ value }), () => undefined)
  }, [wanted])
  return got?.value
}
