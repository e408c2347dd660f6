import { main } from '../../src/bin/main.ts'

process.exitCode = await main(process.argv.slice(2))
