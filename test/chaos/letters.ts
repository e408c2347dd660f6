import { createHash, randomBytes } from 'node:crypto'
import { pick } from '../../scripts/bench/routing/random.ts'
import { issue } from '../../scripts/issue-certificate.ts'
import type { DevCa } from '../../scripts/make-certs.ts'
import type { BusinessOperation } from '../../src/domain/business-operation.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { type SigningAgency, signingAgency } from '../fakes/signing-agency.ts'
import { documentPacket } from '../support/packets.ts'
import { TRIAL_AGENCIES } from './agencies.ts'

/** A packet that is ready to be sent. */
export interface Letter {
  readonly documentId: string
  /** What the journal calls it: the DocumentId, and what it does to an earlier one. */
  readonly name: string
  readonly operation: BusinessOperation
  readonly sender: string
  readonly to: readonly string[]
  readonly urgency: number
  readonly packet: Buffer
  readonly sha256: string
}

interface Row {
  /** Of a hundred letters. */
  readonly share: number
  readonly least: number
  readonly most: number
}

/** Bytes of the attachment: most are small, few are very large. */
const SIZES: readonly Row[] = [
  { share: 75, least: 600, most: 30_000 },
  { share: 21, least: 30_000, most: 200_000 },
  { share: 3.7, least: 200_000, most: 700_000 },
  { share: 0.3, least: 3_700_000, most: 3_800_000 },
]
/** Recipients. */
const FAN_OUT: readonly Row[] = [
  { share: 74, least: 1, most: 1 },
  { share: 18, least: 2, most: 2 },
  { share: 6, least: 3, most: 5 },
  { share: 2, least: 6, most: 10 },
]
const URGENT = 10
/** Signing costs the driver several milliseconds, and more the larger the packet is. */
const SIGNED = 8
const SIGNED_UP_TO = 30_000

const SENDERS = TRIAL_AGENCIES.filter(({ sends }) => sends).map(({ code }) => code)
const RECIPIENTS = TRIAL_AGENCIES.filter(({ sends }) => !sends).map(({ code }) => code)

export interface LetterWriter {
  /** The next new document. */
  write(): Promise<Letter>
  /** An update or a recall of an earlier one. */
  follow(letter: Letter, operation: 'update' | 'recall'): Promise<Letter>
}

/** An agency that seals with P-256: a key is made, and packets are signed, in a tenth of the time of RSA. */
function signerOf(ca: DevCa, code: string): SigningAgency {
  const name = `Cơ quan ${code}`
  const subject = [
    [NAME.country, 'VN'],
    [NAME.organization, name],
    [NAME.commonName, name],
    [NAME.userId, `MNS:${code}`],
  ] as const
  const seal = issue({ subject, profile: 'signature', key: 'p256' }, ca.issuing)
  return signingAgency({ ca, name, code, keys: { agency: seal, person: seal } })
}

/** Documents as agencies write them: kinds, sizes, recipients and signatures are drawn from `random`. */
export function letterWriter(random: () => number, ca: DevCa): LetterWriter {
  const noise = randomBytes(8 * 1024 * 1024)
  const signers = new Map<string, SigningAgency>(SENDERS.map((code) => [code, signerOf(ca, code)]))
  let number = 0

  const draw = (rows: readonly Row[]): number => {
    const at = random() * 100
    let below = 0
    const { least, most } =
      rows.find(({ share }) => {
        below += share
        return at < below
      }) ?? rows[0]!
    return Math.floor(least * (most / least) ** random() + 1e-9)
  }
  const drawRecipients = (count: number): string[] => {
    const rest = [...RECIPIENTS]
    return Array.from({ length: count }, () => rest.splice(Math.floor(random() * rest.length), 1)[0]!)
  }
  const attach = (length: number) => {
    const from = Math.floor(random() * (noise.length - length))
    const bytes = noise.subarray(from, from + length)
    return [{ name: 'noi-dung.bin', type: 'application/octet-stream', bytes }]
  }
  const seal = (letter: Omit<Letter, 'packet' | 'sha256'>, packet: Buffer): Letter => ({
    ...letter,
    packet,
    sha256: createHash('sha256').update(packet).digest('hex'),
  })

  return {
    async write() {
      number += 1
      const sender = pick(random, SENDERS)
      const to = drawRecipients(draw(FAN_OUT))
      const documentId = `${sender},2026/11/20,${number}/THU-VP`
      const urgency = random() * 100 < URGENT ? 1 + Math.floor(random() * 4) : 0
      const length = draw(SIZES)
      const plain = await documentPacket({
        from: sender,
        to,
        documentId,
        priority: urgency,
        subject: `V/v thử nghiệm số ${number}`,
        attachments: attach(length),
      })
      const isSigned = length <= SIGNED_UP_TO && random() * 100 < SIGNED
      const packet = isSigned ? Buffer.from(signers.get(sender)!.signPacket(plain, 'agency')) : plain
      return seal({ documentId, name: documentId, operation: 'new', sender, to, urgency }, packet)
    },
    async follow(letter, operation) {
      const { documentId, sender, to, urgency } = letter
      const packet = await documentPacket({
        from: sender,
        to,
        documentId,
        priority: urgency,
        subject: `V/v thử nghiệm, ${operation}`,
        business: { operation },
        attachments: operation === 'recall' ? [] : attach(1_000),
      })
      return seal({ documentId, name: nameOf(documentId, operation), operation, sender, to, urgency }, packet)
    },
  }
}

/** What journals call a packet with this operation. */
export const nameOf = (documentId: string, operation: string): string =>
  operation === 'new' ? documentId : `${documentId} ${operation}`

/** What journals call a status. */
export const statusName = (documentId: string, code: string, by: string): string =>
  `${documentId} ${code} by ${by}`
