import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtProgram } from './built-programs.mjs'

// Named by everything that the outcome depends on, so that nothing in it is ever stale; it may be removed at any time.
const CACHE = fileURLToPath(new URL('../node_modules/.cache/strip-types/', import.meta.url))
const OPTIONS = { loader: 'ts', format: 'esm', target: 'node20', sourcemap: 'inline', sourcesContent: false }

let esbuild

/** A hook of node:module: TypeScript of this project becomes JavaScript; everything else is left to Node. */
export function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return nextLoad(url, context)
  const built = builtProgram(url)
  if (built !== null) return built
  const path = fileURLToPath(url)
  const text = readFileSync(path)
  const name = createHash('sha256')
    .update(`${JSON.stringify(OPTIONS)}\n${path}\n`)
    .update(text)
    .digest('hex')
  const kept = join(CACHE, `${name}.js`)
  try {
    return { format: 'module', source: readFileSync(kept), shortCircuit: true }
  } catch {
    return strip(path, text, kept)
  }
}

async function strip(path, text, kept) {
  esbuild ??= await import('esbuild')
  const { code } = await esbuild.transform(text, { ...OPTIONS, sourcefile: path })
  keep(kept, code)
  return { format: 'module', source: code, shortCircuit: true }
}

/** Other processes never see half of a file. A folder that cannot be written to only costs time. */
function keep(path, code) {
  const draft = `${path}.${process.pid}`
  try {
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(draft, code)
    renameSync(draft, path)
  } catch {
    // Made anew the next time.
  }
}
