import { memoryFolder } from './memory-folder.mjs'
import { handOver, prepare } from './prepare.mjs'

// npm test [-- [--queue redis|postgres] [files and options of tap]]
const args = process.argv.slice(2)
const queue = args[0] === '--queue' ? args.splice(0, 2) : []

prepare()
// Of one's own choice where it is set.
process.env.TMPDIR ||= memoryFolder() ?? ''
if (process.env.TMPDIR === '') delete process.env.TMPDIR
const strip = ['--import', './scripts/strip-types.mjs']
const tests = [process.execPath, ...strip, 'scripts/built-tests.ts', ...args]
handOver([...strip, 'scripts/with-services.ts', ...queue, '--', ...tests])
