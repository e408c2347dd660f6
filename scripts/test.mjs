import { handOver, prepare } from './prepare.mjs'

// npm test [-- [--queue redis|postgres] [files and options of tap]]
const args = process.argv.slice(2)
const queue = args[0] === '--queue' ? args.splice(0, 2) : []

prepare()
const tap = [process.execPath, 'node_modules/tap/dist/esm/run.mjs', 'run', ...args]
handOver(['--import', 'tsx', 'scripts/with-services.ts', ...queue, '--', ...tap])
