// Reads the lines of text of every page of a PDF, in a thread of its own. Plain JavaScript: a worker thread does not
// have what teaches earlier versions of Node to read types.
import { parentPort, workerData } from 'node:worker_threads'
import { PDF } from '@libpdf/core'

const pdf = await PDF.load(workerData)
parentPort?.postMessage(pdf.getPages().flatMap((page) => page.extractText().text.split('\n')))
