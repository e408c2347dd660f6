import { rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.ts'

/**
 * `npm run build`: `tram` as it is to serve, in `dist/src/bin/tram.mjs`. The sources stay where they are: files that lie
 * beside them are read there, and the maps lead to them. A build that fails leaves the one before in its place.
 */
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const fresh = `${dist}.new`
await rm(fresh, { recursive: true, force: true })
await bundle({ entries: ['src/bin/tram.ts'], outdir: fresh })
await rm(dist, { recursive: true, force: true })
await rename(fresh, dist)
