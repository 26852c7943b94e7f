/** Starts the visit: the page first, the map as soon as it is wanted. */
import { render } from 'preact'
import { Api } from './api'
import { countBytes } from './bytes'
import { Session } from './session'
import { App } from './ui/App'
import './style/page.css'

const session = new Session(new Api())
// The map is by far the longest file, and most visits begin with it: it comes while the catalogue does.
if (session.state.view.as === 'map') import('./map/map').catch(() => undefined)
countBytes((bytes) => session.set({ bytes }))
render(<App session={session} />, document.getElementById('page')!)
void session.start()
