import { XML_URI, type XmlAttributeNode, type XmlElementNode, type XmlNode } from '../../xml/nodes.ts'

const INHERITED = new Set(['xml:lang', 'xml:space', 'xml:base'])

type Attribute = Pick<XmlAttributeNode, 'name' | 'value' | 'uri' | 'local' | 'prefix'>

/**
 * The attributes of an element whose parent is left out, with those that it inherits: every xml: attribute of its
 * ancestors by Canonical XML 1.0 §2.4; by 1.1 xml:lang and xml:space, and an xml:base that is joined from those of the
 * ancestors that are left out.
 */
export function inheritedAttributes(
  element: XmlElementNode,
  own: readonly XmlAttributeNode[],
  isVersion11: boolean,
  only: ReadonlySet<XmlNode> | undefined,
): readonly Attribute[] {
  const all: Attribute[] = [...own]
  // The W3C's test c14n11xmlbase-c14n11spec3-102 keeps the element's own ones, in the set or not.
  if (isVersion11 && only !== undefined)
    all.push(...element.attributes.filter((one) => INHERITED.has(one.name) && !only.has(one)))
  const seen = new Set(element.attributes.filter(({ uri }) => uri === XML_URI).map(({ local }) => local))
  for (let node = element.parent; node.kind === 'element'; node = node.parent) {
    for (const one of node.attributes) {
      if (one.uri !== XML_URI || seen.has(one.local)) continue
      if (isVersion11 && one.local !== 'lang' && one.local !== 'space') continue
      seen.add(one.local)
      all.push(one)
    }
  }
  return isVersion11 ? withBase(element, all, only) : all
}

const baseOf = (element: XmlElementNode): string | undefined =>
  element.attributes.find(({ uri, local }) => uri === XML_URI && local === 'base')?.value

function withBase(
  element: XmlElementNode,
  all: readonly Attribute[],
  only: ReadonlySet<XmlNode> | undefined,
): readonly Attribute[] {
  const bases: string[] = []
  for (let node = element.parent; node.kind === 'element' && !only?.has(node); node = node.parent) {
    const base = baseOf(node)
    if (base !== undefined) bases.unshift(base)
  }
  if (bases.length === 0) return all
  const own = all.find(({ uri, local }) => uri === XML_URI && local === 'base')
  const value = [...bases, ...(own === undefined ? [] : [own.value])].reduce(joinUri)
  const rest = all.filter((one) => one !== own)
  return value === ''
    ? rest
    : [...rest, { name: 'xml:base', prefix: 'xml', local: 'base', uri: XML_URI, value }]
}

const URI = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/

interface UriParts {
  readonly scheme: string | undefined
  readonly authority: string | undefined
  readonly path: string
  readonly query: string | undefined
}

function partsOf(uri: string): UriParts {
  const [, scheme, authority, path = '', query] = URI.exec(uri) ?? []
  return { scheme, authority, path, query }
}

/** Joins URI references by Canonical XML 1.1 §2.4: RFC 3986 §5.2.2, for relative bases too, without a fragment. */
export function joinUri(base: string, reference: string): string {
  const b = partsOf(base)
  const r = partsOf(reference)
  if (r.scheme !== undefined) return written({ ...r, path: withoutDots(r.path) })
  if (r.authority !== undefined) return written({ ...r, scheme: b.scheme, path: withoutDots(r.path) })
  if (r.path === '') return written({ ...b, query: r.query ?? b.query })
  const isAbsolute = r.path.startsWith('/')
  const merged =
    b.authority !== undefined && b.path === ''
      ? `/${r.path}`
      : b.path.slice(0, b.path.lastIndexOf('/') + 1) + r.path
  // A base that ends in `..` is a folder.
  const folder = /(?:^|\/)\.\.$/.test(b.path) ? `${b.path}/${r.path}` : merged
  return written({ ...b, path: withoutDots(isAbsolute ? r.path : folder), query: r.query })
}

const written = ({ scheme, authority, path, query }: UriParts): string =>
  (scheme === undefined ? '' : `${scheme}:`) +
  (authority === undefined ? '' : `//${authority}`) +
  path +
  (query === undefined ? '' : `?${query}`)

/** Dot segments are resolved; leading `..` of a relative path stay, a last one ends in a slash. */
function withoutDots(path: string): string {
  const isAbsolute = path.startsWith('/')
  const kept: string[] = []
  const segments = path.split('/').filter((segment, index, all) => segment !== '' || index === all.length - 1)
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    if (segment === '.' || segment === '..') {
      if (segment === '..') {
        if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
        else if (!isAbsolute) kept.push('..')
      }
      if (isLast) kept.push('')
    } else kept.push(segment)
  }
  const joined = (isAbsolute ? '/' : '') + kept.join('/')
  return joined === '/' && !isAbsolute ? '' : joined
}
