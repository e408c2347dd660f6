import { type Certificate, isSelfIssued } from './certificate.ts'
import type { GeneralName, NameForm } from './general-name.ts'
import { EMAIL_ADDRESS } from './name.ts'
import { FORMS } from './name-forms.ts'

/** Comparisons of one certificate's names with the constraints above it: hostile ones ask for the product of both. */
const MAX_COMPARISONS = 1 << 20

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
    for (const [form, mine] of byForm(names)) {
      const permitted = this.#permitted.get(form) ?? []
      const excluded = this.#excluded.get(form) ?? []
      const bases = permitted.reduce((sum, list) => sum + list.length, excluded.length)
      if (bases === 0) continue
      comparisons += mine.length * bases
      if (comparisons > MAX_COMPARISONS) return 'too many names and constraints'
      const find = FORMS[form]
      const forbidden = find === undefined ? mine[0] : find(mine, permitted, excluded)
      if (forbidden !== undefined) return shown(forbidden)
    }
    return undefined
  }
}

const byForm = (names: readonly GeneralName[]): Map<NameForm, GeneralName[]> => {
  const found = new Map<NameForm, GeneralName[]>()
  for (const name of names) {
    const same = found.get(name.form)
    if (same === undefined) found.set(name.form, [name])
    else same.push(name)
  }
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
