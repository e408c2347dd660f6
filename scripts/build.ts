import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.ts'

/**
 * `npm run build [-- FOLDER]`: `tram` as it is to serve, in `dist/src/bin/tram.mjs`; it starts in a quarter of the time. The
 * sources stay where they are: files that lie beside them are read there, and the maps lead to them. The folder must
 * lie where the packages of this project are found.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const outdir = resolve(ROOT, process.argv[2] ?? 'dist')
await rm(outdir, { recursive: true, force: true })
await bundle({ entries: ['src/bin/tram.ts'], outdir, maps: true })
