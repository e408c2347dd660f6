/**
 * Whether names are within the subtrees of RFC 5280 §4.2.1.10. Each answers undefined where the name or the base is
 * malformed.
 */

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
const MAX_HOST = 253

/** A host name in lower case without the final dot; undefined where it is none. A first label `*` is allowed or not. */
function hostOf(text: string, mayBeWildcard: boolean): string | undefined {
  const host = text.toLowerCase().replace(/\.$/, '')
  if (host.length === 0 || host.length > MAX_HOST) return undefined
  const labels = host.split('.')
  const rest = mayBeWildcard && labels[0] === '*' && labels.length > 1 ? labels.slice(1) : labels
  return rest.every((label) => LABEL.test(label)) ? host : undefined
}

const endsIn = (host: string, base: string): boolean => host === base || host.endsWith(`.${base}`)

/**
 * dNSName: the base and everything below it. A wildcard stands for any label: it is permitted where all of them are,
 * and excluded where one of them is.
 */
export function dnsIsWithin(
  name: string | undefined,
  base: string | undefined,
  forExclusion: boolean,
): boolean | undefined {
  if (name === undefined || base === undefined) return undefined
  const host = hostOf(name, true)
  if (host === undefined) return undefined
  if (base === '') return true
  const tree = hostOf(base, false)
  if (tree === undefined) return undefined
  if (endsIn(host, tree)) return true
  return forExclusion && host.startsWith('*.') && tree.slice(tree.indexOf('.') + 1) === host.slice(2)
}

const LOCAL_PART = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+|"(?:[^"\\\r\n]|\\[^\r\n])*")$/

function mailboxOf(text: string): { local: string; host: string } | undefined {
  const at = text.lastIndexOf('@')
  if (at <= 0) return undefined
  const [local, host] = [text.slice(0, at), hostOf(text.slice(at + 1), false)]
  return host !== undefined && LOCAL_PART.test(local) ? { local, host } : undefined
}

/** rfc822Name: one mailbox, all on one host, or (with a leading dot) all on hosts below a domain. */
export function mailIsWithin(name: string | undefined, base: string | undefined): boolean | undefined {
  if (name === undefined || base === undefined) return undefined
  const mailbox = mailboxOf(name)
  if (mailbox === undefined) return undefined
  if (base === '') return true
  if (base.includes('@')) {
    const one = mailboxOf(base)
    return one && one.local === mailbox.local && one.host === mailbox.host
  }
  return hostIsWithin(mailbox.host, base)
}

/** The host alone, or (with a leading dot) every host below it. */
function hostIsWithin(host: string, base: string): boolean | undefined {
  const isDomain = base.startsWith('.')
  const tree = hostOf(isDomain ? base.slice(1) : base, false)
  if (tree === undefined) return undefined
  return isDomain ? host.endsWith(`.${tree}`) : host === tree
}

const AUTHORITY = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:@]*)(?::\d*)?(?:[/?#]|$)/
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/

/** URI: by its host, which must be a name. */
export function uriIsWithin(name: string | undefined, base: string | undefined): boolean | undefined {
  if (name === undefined || base === undefined) return undefined
  const authority = AUTHORITY.exec(name)?.[1]
  const host = authority === undefined || IPV4.test(authority) ? undefined : hostOf(authority, false)
  if (host === undefined) return undefined
  return base === '' ? true : hostIsWithin(host, base)
}

/** iPAddress: 4 or 16 octets; the base has a mask of as many, ones before zeros. */
export function addressIsWithin(name: Uint8Array, base: Uint8Array): boolean | undefined {
  if (name.length !== 4 && name.length !== 16) return undefined
  if (base.length !== 8 && base.length !== 32) return undefined
  const half = base.length / 2
  const bits = [...base.subarray(half)].map((octet) => octet.toString(2).padStart(8, '0')).join('')
  if (!/^1*0*$/.test(bits)) return undefined
  if (half !== name.length) return false
  return name.every((octet, index) => ((octet ^ base[index]!) & base[half + index]!) === 0)
}
