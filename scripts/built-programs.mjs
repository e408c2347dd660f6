import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = new URL('..', import.meta.url).href
const FOLDER = process.env.BUILT_PROGRAMS ? pathToFileURL(`${process.env.BUILT_PROGRAMS}/`).href : null

/**
 * What to load in the place of a program of this project that scripts/built-tests.ts built: a module that leads to what
 * was built of it. Null for everything else.
 * @param {string} url
 */
export function builtProgram(url) {
  if (FOLDER === null || !url.startsWith(ROOT) || !url.endsWith('.ts')) return null
  const built = `${FOLDER}${url.slice(ROOT.length, -'.ts'.length)}.mjs`
  if (!existsSync(fileURLToPath(built))) return null
  return { format: 'module', source: `export * from ${JSON.stringify(built)}`, shortCircuit: true }
}
