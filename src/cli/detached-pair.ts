import { basename } from 'node:path'
import { UsageError } from './usage-error.ts'

/** `NAME=FILE`, or `FILE` alone, which is known by its last name. @throws UsageError */
export function detachedPair(text: string): readonly [name: string, path: string] {
  const at = text.indexOf('=')
  if (at === 0 || at === text.length - 1) throw new UsageError(`--detached: ${text} is not NAME=FILE`)
  return at < 0 ? [basename(text), text] : [text.slice(0, at), text.slice(at + 1)]
}
