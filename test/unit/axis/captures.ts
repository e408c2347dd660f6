import { existsSync, readdirSync, readFileSync } from 'node:fs'

const ROOT = new URL('../../../../shared/samples/axis-wire/', import.meta.url)

/** A request as the vendor's client sent it. */
export interface Capture {
  readonly name: string
  readonly method: string
  readonly path: string
  /** Names and values by turns, in latin-1, as `IncomingMessage.rawHeaders` has them. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** Of the captured file, in hex, padded and as the client prints it; undefined where none was sent. */
  readonly hashFile: { readonly paddedHex: string; readonly unpaddedHex: string } | undefined
}

interface Vectors {
  readonly secret: string
  readonly vectors: readonly { readonly file: string; readonly hashFile?: Capture['hashFile'] }[]
}

/** Captured requests and answers, which stand beside the project where there are any. */
export function captures():
  | { secret: string; requests: Capture[]; answers: Map<string, string> }
  | undefined {
  if (!existsSync(ROOT)) return undefined
  const { secret, vectors }: Vectors = JSON.parse(readFileSync(new URL('vectors.json', ROOT), 'utf8'))
  const requests = vectors.map(({ file, hashFile }) => ({
    name: file,
    ...readCapture(readFileSync(new URL(file, ROOT))),
    hashFile,
  }))
  const folder = new URL('responses/', ROOT)
  const answers = readdirSync(folder).map((name): [string, string] => [
    name.replace(/\.json$/, ''),
    readFileSync(new URL(name, folder), 'utf8'),
  ])
  return { secret, requests, answers: new Map(answers) }
}

function readCapture(bytes: Buffer): Omit<Capture, 'name' | 'hashFile'> {
  const end = bytes.indexOf('\r\n\r\n')
  const [request = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const [method = '', path = ''] = request.split(' ')
  const rawHeaders = lines.flatMap((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  return { method, path, rawHeaders, body: bytes.subarray(end + 4) }
}
