import type { HashName } from '../algorithms.ts'
import { type Notes, notMade } from '../checks.ts'
import type { CheckedTimestamp, TimestampKind } from '../timestamp/checked-timestamp.ts'
import { checkToken, tokenImprint } from '../timestamp/token.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { Ber } from './ber.ts'
import { archiveV3Imprints } from './cades-hash-index.ts'
import {
  ATTRIBUTE,
  archiveV2Imprints,
  certCrlImprints,
  contentImprints,
  escImprints,
  type Imprints,
  type Stamped,
  signatureImprints,
} from './cades-imprint.ts'
import { LONG_TERM_VALIDATION, longTermToken } from './cades-values.ts'
import { type AttributeList, hasAttribute, valuesOf } from './cms-attributes.ts'
import { type CmsEffort, spend } from './cms-effort.ts'
import type { SignerInfo } from './cms-structure.ts'

interface Row {
  readonly signed: boolean
  readonly kind: TimestampKind
  readonly imprints: Imprints
  readonly needs: 'digest' | 'prefix' | 'nothing'
  /** Where the token stands, where the value is not the token itself. */
  readonly tokenIn?: (value: Ber) => Ber | undefined
}

/** The timestamp attributes of ETSI EN 319 122-1 and, older, TS 101 733. */
const ROWS: Readonly<Record<string, Row>> = {
  [ATTRIBUTE.contentTimestamp]: { signed: true, kind: 'content', imprints: contentImprints, needs: 'digest' },
  [ATTRIBUTE.signatureTimestamp]: {
    signed: false,
    kind: 'signature',
    imprints: signatureImprints,
    needs: 'nothing',
  },
  [ATTRIBUTE.escTimestamp]: { signed: false, kind: 'references', imprints: escImprints, needs: 'nothing' },
  [ATTRIBUTE.certCrlTimestamp]: {
    signed: false,
    kind: 'validation-data',
    imprints: certCrlImprints,
    needs: 'nothing',
  },
  // Of these nothing is known that could be computed for certain: their token is checked, not its imprint.
  [ATTRIBUTE.archiveTimestampV1]: { signed: false, kind: 'archive', imprints: () => [], needs: 'nothing' },
  [LONG_TERM_VALIDATION]: {
    signed: false,
    kind: 'archive',
    imprints: () => [],
    needs: 'nothing',
    tokenIn: longTermToken,
  },
  [ATTRIBUTE.archiveTimestampV2]: {
    signed: false,
    kind: 'archive',
    imprints: archiveV2Imprints,
    needs: 'prefix',
  },
  [ATTRIBUTE.archiveTimestampV3]: {
    signed: false,
    kind: 'archive',
    imprints: archiveV3Imprints,
    needs: 'digest',
  },
}

/** Evidence records (RFC 5276), which are not read. */
const EVIDENCE_RECORDS = ['1.2.840.113549.1.9.16.2.49', '1.2.840.113549.1.9.16.2.50']
/** More than any archive has gathered; each costs a signature and the hashing of what it is over. */
const MAX_TIMESTAMPS = 32

interface Found {
  readonly row: Row
  readonly token: Ber
}

const timestampsOf = ({ signedAttributes, unsignedAttributes }: SignerInfo): Found[] =>
  Object.entries(ROWS).flatMap(([type, row]) => {
    const list: AttributeList | undefined = row.signed ? signedAttributes : unsignedAttributes
    return valuesOf(list, type).flatMap((value) => {
      const token = row.tokenIn === undefined ? value : quietly(() => row.tokenIn?.(value))
      return token === undefined ? [] : [{ row, token }]
    })
  })

/**
 * Notes every timestamp of a signature, with the token's own integrity and whether its imprint fits. What would cost
 * too much is left, and said to be.
 */
export function checkTimestamps(
  stamped: Stamped,
  certificates: readonly Certificate[],
  notes: Notes,
  effort: CmsEffort,
): void {
  const found = timestampsOf(stamped.signer)
  const checked = found.filter(
    ({ row }, index) => index < MAX_TIMESTAMPS && isAffordable(stamped, row, effort),
  )
  notes.timestamps = checked.map(({ row, token }) => checkOne(stamped, row, token, certificates))
  const skipped =
    found.length > checked.length ||
    EVIDENCE_RECORDS.some((type) => hasAttribute(stamped.signer.unsignedAttributes, type))
  if (skipped) notes.checks.push(notMade('timestamp', 'timestamp-not-made'))
}

/** An archive timestamp of the second version is sought in as many forms as there are, each over the whole. */
const FORMS: Readonly<Record<Row['needs'], number>> = { nothing: 0, digest: 2, prefix: 9 }

const isAffordable = ({ data }: Stamped, { needs }: Row, effort: CmsEffort): boolean =>
  spend(effort, 'timestamps') && spend(effort, 'octets', FORMS[needs] * data.length)

function checkOne(
  stamped: Stamped,
  row: Row,
  token: Ber,
  certificates: readonly Certificate[],
): CheckedTimestamp {
  const signed = tokenImprint(token.raw)
  // Where standards left room for several forms, the one that the token is of, if any.
  const imprintOf = (hash: HashName): Uint8Array | null => {
    const forms = safely(() => row.imprints(stamped, hash, token))
    return forms.find((form) => signed?.digest.equals(form)) ?? forms[0] ?? null
  }
  return checkToken(token.raw, row.kind, imprintOf, certificates)
}

function quietly(work: () => Ber | undefined): Ber | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** What cannot be read is of no imprint. */
function safely(work: () => Uint8Array[]): Uint8Array[] {
  try {
    return work()
  } catch {
    return [Buffer.alloc(0)]
  }
}

/** The hashes that the timestamps of a signature will ask of its content. */
export function timestampHashes(signer: SignerInfo, needs: 'digest' | 'prefix'): HashName[] {
  return timestampsOf(signer)
    .slice(0, MAX_TIMESTAMPS)
    .filter(({ row }) => row.needs === needs)
    .flatMap(({ token }) => tokenImprint(token.raw)?.hash ?? [])
}
