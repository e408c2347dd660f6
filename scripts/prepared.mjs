import { handOver, prepare } from './prepare.mjs'

// node scripts/prepared.mjs <arguments of node>: runs it in a clone in which nothing is installed yet, too.
prepare()
handOver(process.argv.slice(2))
