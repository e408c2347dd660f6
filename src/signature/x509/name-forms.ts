import type { GeneralName, NameForm } from './general-name.ts'
import { isWithinName } from './name.ts'

/**
 * How the names of one form are compared with subtrees (RFC 5280 §4.2.1.10). Names and bases are read once, and compared
 * often; one that is malformed reads as undefined, and lets no name through.
 */
interface FormRules<N, B> {
  readonly readName: (name: GeneralName) => N | undefined
  readonly readBase: (base: GeneralName) => B | undefined
  readonly isWithin: (name: N, base: B, forExclusion: boolean) => boolean
}

/**
 * The first of `names` that is not allowed: that is in none of the bases of a permitted list, or in an excluded base.
 */
export type FindForbidden = (
  names: readonly GeneralName[],
  permitted: readonly (readonly GeneralName[])[],
  excluded: readonly GeneralName[],
) => GeneralName | undefined

function finderBy<N, B>({ readName, readBase, isWithin }: FormRules<N, B>): FindForbidden {
  return (names, permitted, excluded) => {
    const within = permitted.map((bases) =>
      bases.map(readBase).filter((base): base is B => base !== undefined),
    )
    const without = excluded.map(readBase)
    return names.find((each) => {
      const name = readName(each)
      if (name === undefined) return true
      const permits = within.every((bases) => bases.some((base) => isWithin(name, base, false)))
      return !permits || without.some((base) => base === undefined || isWithin(name, base, true))
    })
  }
}

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

/** A subtree of hosts; the empty one holds all. */
const hostBase = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? text : hostOf(text, false)

/**
 * dNSName: the base and everything below it. A wildcard stands for any label: it is permitted where all of them are,
 * and excluded where one of them is.
 */
const DNS = finderBy<string, string>({
  readName: ({ text }) => (text === undefined ? undefined : hostOf(text, true)),
  readBase: ({ text }) => hostBase(text),
  isWithin: (host, base, forExclusion) =>
    base === '' ||
    endsIn(host, base) ||
    (forExclusion && host.startsWith('*.') && base.slice(base.indexOf('.') + 1) === host.slice(2)),
})

const LOCAL_PART = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+|"(?:[^"\\\r\n]|\\[^\r\n])*")$/

function mailboxOf(text: string): { local: string; host: string } | undefined {
  const at = text.lastIndexOf('@')
  if (at <= 0) return undefined
  const [local, host] = [text.slice(0, at), hostOf(text.slice(at + 1), false)]
  return host !== undefined && LOCAL_PART.test(local) ? { local, host } : undefined
}

interface HostBase {
  readonly host: string
  /** Whether the base stands for what is below it, and not for itself. */
  readonly isDomain: boolean
}

/** The host alone, or (with a leading dot) every host below it. */
function hostOrDomain(text: string | undefined): HostBase | undefined {
  if (text === '.') return undefined
  const isDomain = text?.startsWith('.') === true
  const host = hostBase(isDomain ? text?.slice(1) : text)
  return host === undefined ? undefined : { host, isDomain }
}

const isInHost = (host: string, base: HostBase): boolean =>
  base.host === '' || (base.isDomain ? host.endsWith(`.${base.host}`) : host === base.host)

type Mailbox = NonNullable<ReturnType<typeof mailboxOf>>

/** rfc822Name: one mailbox, all on one host, or (with a leading dot) all on hosts below a domain. */
const MAIL = finderBy<Mailbox, Mailbox | HostBase>({
  readName: ({ text }) => (text === undefined ? undefined : mailboxOf(text)),
  readBase: ({ text }) => (text?.includes('@') ? mailboxOf(text) : hostOrDomain(text)),
  isWithin: (mailbox, base) =>
    'local' in base
      ? base.local === mailbox.local && base.host === mailbox.host
      : isInHost(mailbox.host, base),
})

const AUTHORITY = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:@]*)(?::\d*)?(?:[/?#]|$)/
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/

/** URI: by its host, which must be a name. */
const URI = finderBy<string, HostBase>({
  readName: ({ text }) => {
    const authority = AUTHORITY.exec(text ?? '')?.[1]
    return authority === undefined || IPV4.test(authority) ? undefined : hostOf(authority, false)
  },
  readBase: ({ text }) => hostOrDomain(text),
  isWithin: isInHost,
})

/** iPAddress: 4 or 16 octets; the base has a mask of as many, ones before zeros. */
const ADDRESS = finderBy<Uint8Array, Uint8Array>({
  readName: ({ bytes }) => (bytes.length === 4 || bytes.length === 16 ? bytes : undefined),
  readBase: ({ bytes }) => {
    if (bytes.length !== 8 && bytes.length !== 32) return undefined
    const mask = [...bytes.subarray(bytes.length / 2)].map((octet) => octet.toString(2).padStart(8, '0'))
    return /^1*0*$/.test(mask.join('')) ? bytes : undefined
  },
  isWithin: (name, base) => {
    const half = base.length / 2
    if (half !== name.length) return false
    return name.every((octet, index) => ((octet ^ base[index]!) & base[half + index]!) === 0)
  },
})

const DIRECTORY = finderBy({
  readName: ({ name }) => name,
  readBase: ({ name }) => name,
  isWithin: isWithinName,
})

/** The forms that are compared; a name of another form is refused where a constraint speaks of that form. */
export const FORMS: Readonly<Partial<Record<NameForm, FindForbidden>>> = {
  rfc822Name: MAIL,
  dNSName: DNS,
  directoryName: DIRECTORY,
  uniformResourceIdentifier: URI,
  iPAddress: ADDRESS,
}
