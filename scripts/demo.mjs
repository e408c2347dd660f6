import { handOver, prepare } from './prepare.mjs'

prepare()
handOver(['--import', 'tsx', 'scripts/demo/main.ts', ...process.argv.slice(2)])
