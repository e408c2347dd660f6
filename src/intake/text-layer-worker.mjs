// Reads the lines of text of every page of PDFs, one after the other, in a thread of its own. Plain JavaScript: a worker
// thread does not have what teaches earlier versions of Node to read types.
import { parentPort } from 'node:worker_threads'
import { getDocument } from 'unpdf/pdfjs'
import { linesOfItems } from './text-lines.mjs'

/** Nothing is drawn and nothing of this machine is used; what is wrong with a file is not written anywhere. */
const OPTIONS = { verbosity: 0, isEvalSupported: false, useSystemFonts: false, disableFontFace: true }

// What is said of a file is nobody's interest.
for (const name of ['debug', 'error', 'info', 'log', 'warn']) console[name] = () => undefined

async function linesOf(bytes) {
  const task = getDocument({ ...OPTIONS, data: bytes })
  try {
    const pdf = await task.promise
    const lines = []
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const page = await pdf.getPage(number)
      lines.push(...linesOfItems((await page.getTextContent()).items))
      page.cleanup()
    }
    return lines
  } finally {
    await task.destroy()
  }
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
