declare module 'vt-pbf' {
  const vtpbf: { fromGeojsonVt(layers: Record<string, object>, options?: { version?: number }): Uint8Array }
  export default vtpbf
}
