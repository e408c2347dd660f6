import type { IncomingMessage } from 'node:http'

/** Bytes that are read on after a refusal, of somebody who is known and of a stranger. */
const MOST_BYTES = { known: 1024 * 1024 * 1024, stranger: 16 * 1024 * 1024 }
const MOST_MS = 60_000

/** Reads the rest of a body away. Returns whether it came to its end. */
export async function drain(request: IncomingMessage, isKnown: boolean): Promise<boolean> {
  if (request.complete || request.readableEnded) return true
  if (request.destroyed) return false
  const most = isKnown ? MOST_BYTES.known : MOST_BYTES.stranger
  return new Promise((resolve) => {
    let bytes = 0
    const end = (whole: boolean) => {
      clearTimeout(timer)
      request.off('data', count).off('end', ended).off('close', broken).off('error', broken)
      resolve(whole)
    }
    const count = (chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > most) end(false)
    }
    const ended = () => end(true)
    const broken = () => end(false)
    const timer = setTimeout(broken, MOST_MS)
    request.on('data', count).on('end', ended).on('close', broken).on('error', broken)
    request.resume()
  })
}
