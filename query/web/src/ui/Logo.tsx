/** Two overlapping shapes: the territory and its twin. */
export const Logo = () => (
  <svg class="logo" viewBox="4 3 24 25" aria-hidden="true" focusable="false">
    <path d="M6.5 10.2 12.4 5l7.2 3.2 1 7.6-5.2 6-7.8-2.4z" fill="#0f5f66" />
    <path d="M12 15.8 17.2 10l7.6 2.2 1.2 8.2-6 6.6-7.6-3.6z" fill="#d2694a" fill-opacity=".86" />
  </svg>
)

const SHAPES = {
  search: <path d="M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.500 5 5" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  plus: <path d="M12 5v14M5 12h14" />,
  minus: <path d="M5 12h14" />,
  whole: <path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />,
  play: <path d="M8 5.500v13l10.500-6.500z" fill="currentColor" />,
  pause: <path d="M8 6v12M16 6v12" stroke-width="3.200" />,
  back: <path d="m15 5-7 7 7 7" />,
  next: <path d="m9 5 7 7-7 7" />,
  up: <path d="m5 15 7-7 7 7" />,
  down: <path d="m5 9 7 7 7-7" />,
  shield: <path d="M12 3.500 5 6v6c0 4.500 3 7 7 8.500 4-1.500 7-4 7-8.500V6zM9 12l2.200 2.200L15.500 10" />,
  info: <path d="M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 7v5m0-8.300v.1" />,
  file: <path d="M12 4v11m-5-4.500 5 5 5-5M5 20h14" />,
  target: <path d="M12 3v18M3 12h18" />,
  compare: <path d="M4 5h16v14H4zM12 3v18M7 9h2M7 12h2M15 9h2M15 12h2" />,
  turn: <path d="M5 12a7 7 0 1 1 2.500 5.400M5 12l-2.500-3M5 12l3.500-2" />,
  draw: <path d="M5 8 13 4l6 7-4 8-9-2zM5 8h.01M13 4h.01M19 11h.01M15 19h.01M6 17h.01" />,
  map: <path d="m3.500 6.500 5.500-2 6 2 5.500-2v13l-5.500 2-6-2-5.500 2zM9 4.500v13m6-11v13" />,
  table: <path d="M4 5h16v14H4zM4 10h16M10 10v9" />,
}

export type IconName = keyof typeof SHAPES

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
    {SHAPES[name]}
  </svg>
)
