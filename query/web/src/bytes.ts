/** What the visit has cost: bytes received by the page and by the map's workers, which tell theirs over a channel. */

const CHANNEL = 'jumeau-bytes'

/** Calls back with the sum whenever it grows. */
export function countBytes(changed: (sum: number) => void): void {
  const workers = new Map<string, number>()
  let page = 0
  const report = () => changed(page + [...workers.values()].reduce((a, b) => a + b, 0))
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) page += (entry as PerformanceResourceTiming).transferSize
    report()
  }).observe({ type: 'resource', buffered: true })
  const navigation = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined
  page += navigation?.transferSize ?? 0
  new BroadcastChannel(CHANNEL).onmessage = (event: MessageEvent<{ worker: string; bytes: number; page: number }>) => {
    if (event.data.page !== performance.timeOrigin) return
    workers.set(event.data.worker, event.data.bytes)
    report()
  }
}

/** Run inside a worker of the page started at that time. */
export function tellBytes(page: number): void {
  const channel = new BroadcastChannel(CHANNEL)
  const worker = String(Math.random())
  let bytes = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) bytes += (entry as PerformanceResourceTiming).transferSize
    channel.postMessage({ worker, bytes, page })
  }).observe({ type: 'resource', buffered: true })
}
