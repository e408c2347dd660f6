import { createCipheriv, createHash } from 'node:crypto'
import { pick, randomOf } from '../../scripts/bench/routing/random.ts'
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
  /** What its sender does to it when it was accepted; null for most, and for what changes another. */
  readonly change: Change | null
}

interface Change {
  readonly operation: 'update' | 'recall'
  readonly afterMs: number
  readonly attachments: readonly Attachment[]
}

interface Attachment {
  readonly name: string
  readonly type: string
  readonly bytes: Buffer
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
/** Milliseconds until a document is recalled or updated: some were fetched by then, some were not. */
const CHANGED_AFTER_MS = 400
/** Signing costs the driver several milliseconds, and more the larger the packet is. */
const SIGNED = 8
const SIGNED_UP_TO = 30_000

const SENDERS = TRIAL_AGENCIES.filter(({ sends }) => sends).map(({ code }) => code)
const RECIPIENTS = TRIAL_AGENCIES.filter(({ sends }) => !sends).map(({ code }) => code)

export interface LetterWriter {
  /** The next new document. @param changed part of them that are recalled or updated, half of each */
  write(changed: number): Promise<Letter>
  /** The update or the recall of a letter that has one; null for the others. */
  follow(letter: Letter): Promise<Letter | null>
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

/** Bytes that compress as little as a scan does, and are the same in every run. */
function noiseOf(random: () => number): Buffer {
  const key = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)))
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(8 * 1024 * 1024))
}

function drawOf(random: () => number, rows: readonly Row[]): number {
  const at = random() * 100
  let below = 0
  const { least, most } =
    rows.find(({ share }) => {
      below += share
      return at < below
    }) ?? rows[0]!
  return Math.floor(least * (most / least) ** random() + 1e-9)
}

function drawRecipients(random: () => number): string[] {
  const rest = [...RECIPIENTS]
  const count = drawOf(random, FAN_OUT)
  return Array.from({ length: count }, () => rest.splice(Math.floor(random() * rest.length), 1)[0]!)
}

/**
 * Documents as agencies write them: kinds, sizes, recipients, signatures, and what is done to them afterwards. Each draws
 * from a stream of its own, so that the order of answers changes nothing of what is written.
 */
export function letterWriter(random: () => number, ca: DevCa): LetterWriter {
  const noise = noiseOf(random)
  const signers = new Map<string, SigningAgency>(SENDERS.map((code) => [code, signerOf(ca, code)]))
  let number = 0

  const attach = (own: () => number, length: number): Attachment[] => {
    const from = Math.floor(own() * (noise.length - length))
    const bytes = noise.subarray(from, from + length)
    return [{ name: 'noi-dung.bin', type: 'application/octet-stream', bytes }]
  }
  const drawChange = (own: () => number): Change => {
    const operation = own() < 0.5 ? 'recall' : 'update'
    const attachments = operation === 'recall' ? [] : attach(own, 1_000)
    return { operation, afterMs: own() * CHANGED_AFTER_MS, attachments }
  }
  const seal = (letter: Omit<Letter, 'packet' | 'sha256'>, packet: Buffer): Letter => ({
    ...letter,
    packet,
    sha256: createHash('sha256').update(packet).digest('hex'),
  })

  return {
    async write(changed) {
      number += 1
      const own = randomOf(Math.floor(random() * 2 ** 32))
      const sender = pick(own, SENDERS)
      const to = drawRecipients(own)
      const documentId = `${sender},2026/11/20,${number}/THU-VP`
      const urgency = own() * 100 < URGENT ? 1 + Math.floor(own() * 4) : 0
      const length = drawOf(own, SIZES)
      const attachments = attach(own, length)
      const isSigned = length <= SIGNED_UP_TO && own() * 100 < SIGNED
      const change = own() < changed ? drawChange(own) : null
      const plain = await documentPacket({
        from: sender,
        to,
        documentId,
        priority: urgency,
        subject: `V/v thử nghiệm số ${number}`,
        attachments,
      })
      const packet = isSigned ? Buffer.from(signers.get(sender)!.signPacket(plain, 'agency')) : plain
      return seal({ documentId, name: documentId, operation: 'new', sender, to, urgency, change }, packet)
    },
    async follow({ documentId, sender, to, urgency, change }) {
      if (change === null) return null
      const { operation, attachments } = change
      const packet = await documentPacket({
        from: sender,
        to,
        documentId,
        priority: urgency,
        subject: `V/v thử nghiệm, ${operation}`,
        business: { operation },
        attachments,
      })
      const name = nameOf(documentId, operation)
      return seal({ documentId, name, operation, sender, to, urgency, change: null }, packet)
    },
  }
}

/** What journals call a packet with this operation. */
export const nameOf = (documentId: string, operation: string): string =>
  operation === 'new' ? documentId : `${documentId} ${operation}`

/** What journals call a status. */
export const statusName = (documentId: string, code: string, by: string): string =>
  `${documentId} ${code} by ${by}`
