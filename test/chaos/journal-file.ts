import { closeSync, openSync, writeSync } from 'node:fs'
import type { Entry, Journal, Line } from './journal.ts'

/** A journal in memory and in a file, one JSON object a line: handed to the kernel before the writer goes on. */
export interface JournalFile extends Journal {
  close(): void
}

export function openJournal(path: string): JournalFile {
  const file = openSync(path, 'ax')
  const began = performance.now()
  const lines: Line[] = []
  let closed = false
  return {
    lines,
    write(entry: Entry) {
      // A trial that failed is taken down around senders that have not heard of it.
      if (closed) return
      const line = { at: Math.round(performance.now() - began), ...entry }
      writeSync(file, `${JSON.stringify(line)}\n`)
      lines.push(line)
    },
    close() {
      if (!closed) closeSync(file)
      closed = true
    },
  }
}
