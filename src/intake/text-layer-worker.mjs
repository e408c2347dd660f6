// Reads the lines of text of every page of PDFs, one after the other, in a thread of its own. Plain JavaScript: a worker
// thread does not have what teaches earlier versions of Node to read types.
import { parentPort } from 'node:worker_threads'
import { getDocument } from 'unpdf/pdfjs'
import { linesOfItems } from './text-lines.mjs'

/** Nothing is drawn and nothing of this machine is used; what is wrong with a file is not written anywhere. */
const OPTIONS = {
  verbosity: 0,
  stopAtErrors: true,
  isEvalSupported: false,
  useSystemFonts: false,
  disableFontFace: true,
}

/** Bytes of one array: what a stream may swell to. A page's text takes a thousandth, and pictures are not unpacked. */
const MOST_BYTES = 64 * 1024 * 1024

// A thread has an end to its heap, and none to the arrays beside it: a file of a megabyte may unpack to gigabytes of these.
globalThis.Uint8Array = new Proxy(Uint8Array, {
  construct(array, given, target) {
    if (given[0] > MOST_BYTES) throw swollen()
    return Reflect.construct(array, given, target)
  },
})
globalThis.DecompressionStream = class extends DecompressionStream {
  get readable() {
    let bytes = 0
    const bounded = new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        if (bytes > MOST_BYTES) throw swollen()
        controller.enqueue(chunk)
      },
    })
    return super.readable.pipeThrough(bounded)
  }
}

function swollen() {
  return new RangeError('a stream of the file swells beyond what is read')
}

// What is said of a file is nobody's interest.
for (const name of ['debug', 'error', 'info', 'log', 'warn']) console[name] = () => undefined

async function linesOf(bytes) {
  const task = getDocument({ ...OPTIONS, data: bytes })
  try {
    const pdf = await task.promise
    const pages = []
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const page = await pdf.getPage(number)
      pages.push(linesOfItems((await page.getTextContent()).items))
      page.cleanup()
    }
    return pages.flat()
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
