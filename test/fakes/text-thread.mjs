// A thread that does to itself what its files say, and puts each on record. What is done 'unbegun' is done before it says that
// it begins.
import { appendFileSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

let files = 0

const ACTS = {
  lines: () => [String(files)],
  null: () => null,
  'null once used': () => (files > 1 ? null : ['fresh']),
  exit: () => process.exit(1),
  throw: () => {
    throw new Error('as told')
  },
  spin: () => {
    for (;;);
  },
}

const UNBEGUN = {
  'unbegun exit': () => process.exit(1),
  'unbegun exit once used': () => {
    if (files > 1) process.exit(1)
  },
  'unbegun spin': ACTS.spin,
}

parentPort?.on('message', (bytes) => {
  const { does, log } = JSON.parse(Buffer.from(bytes).toString())
  files += 1
  appendFileSync(log, `${does}\n`)
  UNBEGUN[does]?.()
  parentPort?.postMessage('begun')
  parentPort?.postMessage((ACTS[does] ?? ACTS.lines)())
})
