const MAX_BYTES = 180
/** Names that the container keeps for itself, and devices of Windows: an entry of that name could not be unpacked. */
const RESERVED = /^(?:mimetype|meta-inf|con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * Names for the entries of a container: one path segment each, without control or reserved characters, in NFC, at
 * most 180 bytes of UTF-8, and no two alike on a file system that ignores case. The same names give the same result,
 * so the seal and the container agree. Names that are already safe stay as they are.
 */
export function safeNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const safe = safeName(name)
    let unique = safe
    for (let count = 2; taken.has(unique.toLowerCase()); count++) unique = withSuffix(safe, ` (${count})`)
    taken.add(unique.toLowerCase())
    return unique
  })
}

function safeName(name: string): string {
  const segment = name.normalize('NFC').split(/[/\\]/).at(-1)!
  const plain = segment.replace(/[\p{Cc}\p{Cf}\p{Cs}<>:"|?*]/gu, '_').replace(/^[. ]+|[. ]+$/g, '')
  const named = plain === '' ? 'unnamed' : plain
  return withSuffix(RESERVED.test(named) ? `_${named}` : named, '')
}

/** Puts a suffix before the extension and shortens the stem to the limit, between characters. */
function withSuffix(name: string, suffix: string): string {
  const dot = name.lastIndexOf('.')
  const cut = dot > 0 && name.length - dot <= 10 ? dot : name.length
  let stem = [...name.slice(0, cut)]
  const end = suffix + name.slice(cut)
  while (Buffer.byteLength(stem.join('') + end) > MAX_BYTES) stem = stem.slice(0, -1)
  return stem.join('') + end
}

/** The references to these entries in a signature: relative URIs, UTF-8 percent-encoded (RFC 3986, EN 319 162-1 §A.6). */
export const objectUris = (names: readonly string[]): string[] =>
  safeNames(names).map((name) =>
    encodeURIComponent(name).replace(
      /[!'()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  )
