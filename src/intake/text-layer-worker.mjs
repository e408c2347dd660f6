// Reads the lines of text of every page of PDFs, one after the other, in a thread of its own. Plain JavaScript: a worker
// thread does not have what teaches earlier versions of Node to read types.
import { parentPort } from 'node:worker_threads'
import { PDF } from '@libpdf/core'

async function linesOf(bytes) {
  const pdf = await PDF.load(bytes)
  return pdf.getPages().flatMap((page) => page.extractText().text.split('\n'))
}

// It says that it begins, so that a thread that ends before that is not blamed on the file. Null for what cannot be read. What
// ends the thread after that is another matter: that file is not read again.
parentPort?.on('message', (bytes) => {
  parentPort?.postMessage('begun')
  linesOf(bytes).then(
    (lines) => parentPort?.postMessage(lines),
    () => parentPort?.postMessage(null),
  )
})
