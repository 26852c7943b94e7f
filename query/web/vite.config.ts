import { readdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'
import { mock } from './mock/server.ts'

/** `vite` and `vite preview` answer the API themselves, over an invented territory. */
const stand: Plugin = {
  name: 'jumeau-mock',
  configureServer: (server) => void server.middlewares.use(mock),
  configurePreviewServer: (server) => void server.middlewares.use(mock),
}

/** Writes licences.txt: the licence texts of what the page is built with, as they ask. */
const licences: Plugin = {
  name: 'jumeau-licences',
  apply: 'build',
  generateBundle() {
    const wanted = Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object }).dependencies)
    const texts = wanted.sort().map((name) => {
      const dir = join('node_modules', name)
      const file = existsSync(dir) && readdirSync(dir).find((f) => /^licen[sc]e/i.test(f))
      if (!file) throw new Error(`no licence text in ${dir}`)
      return `${name}\n${'='.repeat(name.length)}\n\n${readFileSync(join(dir, file), 'utf8').trim()}\n`
    })
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join('\n\n') })
  },
}

/** MapLibre declares its files free of side effects, but its worker is nothing else: without this it would be left out. */
const keepWorker: Plugin = {
  name: 'jumeau-keep-worker',
  transform: (code, id) => (id.includes('maplibre-gl-worker') ? { code, moduleSideEffects: true } : undefined),
}

/** Packs every text file as small as it gets, so that the server never has to. */
const pack: Plugin = {
  name: 'jumeau-pack',
  apply: 'build',
  writeBundle(options, bundle) {
    for (const name of Object.keys(bundle)) {
      const file = join(options.dir!, name)
      const text = readFileSync(file)
      if (text.length < 300) continue
      writeFileSync(`${file}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }))
      writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }))
    }
  },
}

export default defineConfig({
  base: './',
  plugins: [stand, licences, pack],
  worker: { format: 'es', plugins: () => [keepWorker] },
  build: { target: 'es2023', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1200, reportCompressedSize: false },
})
