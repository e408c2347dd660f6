import { handOver, prepare } from './prepare.mjs'

prepare()
handOver(['--import', './scripts/strip-types.mjs', 'scripts/demo/main.ts', ...process.argv.slice(2)])
