#!/usr/bin/env node
// Node 22.18 and later strip types themselves; earlier ones are taught to.
if (!process.features.typescript) await import('tsx/esm')
const { main } = await import('./main.ts')
process.exitCode = await main(process.argv.slice(2))
