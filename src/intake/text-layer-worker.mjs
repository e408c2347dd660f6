// Reads the lines of text of every page of PDFs, one after the other, in a thread of its own. Plain JavaScript: a worker
// thread does not have what teaches earlier versions of Node to read types.
import { parentPort } from 'node:worker_threads'
import { PDF } from '@libpdf/core'

// What cannot be read ends the thread: whoever asked takes that for the answer.
parentPort?.on('message', async (bytes) => {
  const pdf = await PDF.load(bytes)
  parentPort?.postMessage(pdf.getPages().flatMap((page) => page.extractText().text.split('\n')))
})
