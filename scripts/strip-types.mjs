import module, { register } from 'node:module'
import { builtProgram } from './built-programs.mjs'

/*
 * Lets tests and scripts run TypeScript: `node --import ./scripts/strip-types.mjs …`. Node 22.18 and later do it
 * themselves. It leaves node_modules alone and keeps what it made, so that a process starts in half the time it takes
 * under tsx; the tests are several hundred processes.
 */
if (!process.features.typescript) {
  register('./strip-types-hooks.mjs', import.meta.url)
  // From here on it is so; src/bin/tram.mjs need not bring a way of its own.
  Object.defineProperty(process.features, 'typescript', { value: 'strip', enumerable: true })
} else if (process.env.BUILT_PROGRAMS) {
  module.registerHooks({ load: (url, context, nextLoad) => builtProgram(url) ?? nextLoad(url, context) })
}
