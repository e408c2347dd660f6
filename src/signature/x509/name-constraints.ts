import { type Certificate, isSelfIssued } from './certificate.ts'
import type { GeneralName, NameForm } from './general-name.ts'
import { EMAIL_ADDRESS, isWithinName } from './name.ts'
import { addressIsWithin, dnsIsWithin, mailIsWithin, uriIsWithin } from './name-forms.ts'

/** Comparisons of one certificate's names with the constraints above it: hostile ones ask for the product of both. */
const MAX_COMPARISONS = 1 << 20

type List = 'permitted' | 'excluded'
/**
 * Whether `name` is in the subtree of `base`; undefined where one of them is malformed or of a form not read here: then
 * the certificate is refused (RFC 5280 §4.2.1.10).
 */
type IsWithin = (name: GeneralName, base: GeneralName, list: List) => boolean | undefined

const FORMS: Readonly<Partial<Record<NameForm, IsWithin>>> = {
  rfc822Name: (name, base) => mailIsWithin(name.text, base.text),
  dNSName: (name, base, list) => dnsIsWithin(name.text, base.text, list === 'excluded'),
  directoryName: (name, base) => name.name && base.name && isWithinName(name.name, base.name),
  uniformResourceIdentifier: (name, base) => uriIsWithin(name.text, base.text),
  iPAddress: (name, base) => addressIsWithin(name.bytes, base.bytes),
}

/** The constraints of the certificates above, as they gather on the way down (RFC 5280 §6.1.2 (b), (c)). */
class Constraints {
  /** One list for each certificate that permits only some names of the form: a name must be in each of them. */
  readonly #permitted = new Map<NameForm, GeneralName[][]>()
  readonly #excluded = new Map<NameForm, GeneralName[]>()

  add({ extensions: { nameConstraints } }: Certificate): void {
    for (const [form, bases] of byForm(nameConstraints?.permitted ?? [])) {
      this.#permitted.set(form, [...(this.#permitted.get(form) ?? []), bases])
    }
    for (const [form, bases] of byForm(nameConstraints?.excluded ?? [])) {
      this.#excluded.set(form, [...(this.#excluded.get(form) ?? []), ...bases])
    }
  }

  /** The first name that is not allowed, in words; undefined where all are. */
  fault(names: readonly GeneralName[]): string | undefined {
    let comparisons = 0
    for (const name of names) {
      const permitted = this.#permitted.get(name.form) ?? []
      const excluded = this.#excluded.get(name.form) ?? []
      comparisons += permitted.reduce((sum, bases) => sum + bases.length, excluded.length)
      if (comparisons > MAX_COMPARISONS) return 'too many names and constraints'
      if (!isAllowed(name, permitted, excluded)) return shown(name)
    }
    return undefined
  }
}

function isAllowed(
  name: GeneralName,
  permitted: readonly (readonly GeneralName[])[],
  excluded: readonly GeneralName[],
): boolean {
  if (permitted.length === 0 && excluded.length === 0) return true
  const isWithin = FORMS[name.form]
  if (isWithin === undefined) return false
  const inSome = (bases: readonly GeneralName[]) =>
    bases.some((base) => isWithin(name, base, 'permitted') === true)
  return permitted.every(inSome) && excluded.every((base) => isWithin(name, base, 'excluded') === false)
}

const byForm = (bases: readonly GeneralName[]): Map<NameForm, GeneralName[]> => {
  const found = new Map<NameForm, GeneralName[]>()
  for (const base of bases) found.set(base.form, [...(found.get(base.form) ?? []), base])
  return found
}

const shown = (name: GeneralName): string =>
  `${name.form} ${name.text ?? name.name?.parts.map(({ value }) => value).join(', ') ?? ''}`.trim()

/**
 * The certificates that bear a name which one above forbids, with the name (RFC 5280 §6.1.3 (b), (c)). `path` is from
 * the leaf upwards; a self-issued certificate is looked at only where it is the leaf.
 */
export function nameConstraintFaults(
  path: readonly Certificate[],
  anchorCounts: boolean,
): { readonly certificate: Certificate; readonly found: string }[] {
  const constraints = new Constraints()
  const faults: { certificate: Certificate; found: string }[] = []
  let some = false
  for (let index = path.length - 1; index >= 0; index--) {
    const certificate = path[index]!
    const isAnchor = index === path.length - 1
    if (isAnchor && !anchorCounts) continue
    if (some && !isAnchor && (index === 0 || !isSelfIssued(certificate))) {
      const found = constraints.fault(namesOf(certificate))
      if (found !== undefined) faults.push({ certificate, found })
    }
    if (certificate.extensions.nameConstraints === undefined) continue
    constraints.add(certificate)
    some = true
  }
  return faults
}

/** Subject and alternative names; a mail address of the subject counts where no alternative name is one. */
function namesOf({ subjectName, extensions }: Certificate): GeneralName[] {
  const names: GeneralName[] = [...(extensions.subjectAltNames ?? [])]
  if (!names.some(({ form }) => form === 'rfc822Name')) {
    for (const { oid, value } of subjectName.parts) {
      if (oid !== EMAIL_ADDRESS) continue
      names.push({ form: 'rfc822Name', text: value, bytes: Buffer.from(value), key: `1:${value}` })
    }
  }
  if (subjectName.rdns.length > 0) {
    names.push({ form: 'directoryName', name: subjectName, bytes: subjectName.der, key: subjectName.key })
  }
  return names
}
