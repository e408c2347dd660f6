import { createHash, sign } from 'node:crypto'
import { ParseOption, XmlDocument, type XmlElement } from 'libxml2-wasm'
import type { SigningKey } from '../../../src/signature/keys/signing-key.ts'
import { signPacket } from '../../../test/fakes/sign-packet.ts'
import { documentPacket } from '../../../test/support/packets.ts'

/** A packet in pieces: those that many have in common are held once. */
export interface SignedPacket {
  readonly number: number
  readonly pieces: readonly Buffer[]
  readonly length: number
}

/** Makes one of many packets that differ in their DocumentId and attachment, each signed for itself. */
export type MakePacket = (number: number) => Promise<SignedPacket>

export interface Letterhead {
  readonly from: string
  readonly to: readonly string[]
  readonly key: SigningKey
  readonly attachment: { readonly name: string; readonly type: string }
  /** The attachment of a document, base64 encoded, in pieces. */
  readonly contentOf: (number: number) => Promise<readonly Buffer[]>
}

/** What stands in the template where each packet has its own; of the length of what it stands for where that matters. */
const NUMBER = '7700770077'
const CONTENT = 'TRAMxBENCHxCONTENTxPLACE'

export const digitsOf = (number: number): string => String(number).padStart(NUMBER.length, '0')
export const documentIdOf = (from: string, number: number): string =>
  `${from},2026/11/20,${digitsOf(number)}/BENCH`
/** The number of a document, by its DocumentId. */
export const numberOf = (documentId: string): number => Number(/,(\d+)\/BENCH$/.exec(documentId)?.[1])

type Slot = 'number' | 'content' | 'digest' | 'value'
type Fill = Partial<Record<Slot, readonly Buffer[]>>

/** Cuts a text at what stands for something else. */
function cut(text: string, marks: Partial<Record<Slot, string>>): (Buffer | Slot)[] {
  const slots = Object.entries(marks) as [Slot, string][]
  const places = slots.flatMap(([slot, mark]) => {
    const found: { at: number; slot: Slot; length: number }[] = []
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1))
      found.push({ at, slot, length: mark.length })
    if (found.length === 0) throw new Error(`no ${slot} in the template`)
    return found
  })
  places.sort((a, b) => a.at - b.at)
  const pieces: (Buffer | Slot)[] = []
  let from = 0
  for (const { at, slot, length } of places) {
    pieces.push(Buffer.from(text.slice(from, at)), slot)
    from = at + length
  }
  return [...pieces, Buffer.from(text.slice(from))]
}

const fill = (pieces: readonly (Buffer | Slot)[], filling: Fill): Buffer[] =>
  pieces.flatMap((piece) => (typeof piece === 'string' ? [...filling[piece]!] : [piece]))

function canonicalSignedInfo(signed: Uint8Array): string {
  const document = XmlDocument.fromBuffer(signed, { option: ParseOption.XML_PARSE_NO_XXE })
  try {
    const info = document.get("//*[local-name()='SignedInfo']") as XmlElement
    return info.canonicalizeToString()
  } finally {
    document.dispose()
  }
}

/**
 * Signs one packet as agencies do, and from then on only what differs: digest and signature value. The canonical octets
 * of the others are those of the first with other texts in the same places.
 */
export async function packetTemplate(head: Letterhead): Promise<MakePacket> {
  const { from, to, key, attachment, contentOf } = head
  const documentId = documentIdOf(from, Number(NUMBER))
  const plain = await documentPacket({
    from,
    to,
    documentId,
    attachments: [{ ...attachment, bytes: Buffer.from(CONTENT, 'base64') }],
  })
  let canonical = ''
  const signed = signPacket(plain, key, {
    digest: (octets) => {
      canonical = octets.toString('utf8')
      return createHash('sha256').update(octets).digest()
    },
  })
  const text = Buffer.from(signed).toString('utf8')
  const digest = createHash('sha256').update(canonical).digest('base64')
  const value = /<SignatureValue>([^<]+)</.exec(text)![1]!
  const body = cut(canonical, { number: NUMBER, content: CONTENT })
  const info = cut(canonicalSignedInfo(signed), { digest })
  const whole = cut(text, { number: NUMBER, content: CONTENT, digest, value })
  return async (number) => {
    const own = { number: [Buffer.from(digitsOf(number))], content: await contentOf(number) }
    const hash = createHash('sha256')
    for (const piece of fill(body, own)) hash.update(piece)
    const ownDigest = [Buffer.from(hash.digest('base64'))]
    const signature = sign('sha256', Buffer.concat(fill(info, { digest: ownDigest })), {
      key: key.key,
      dsaEncoding: 'ieee-p1363',
    })
    const filling = { ...own, digest: ownDigest, value: [Buffer.from(signature.toString('base64'))] }
    const pieces = fill(whole, filling)
    return { number, pieces, length: pieces.reduce((sum, piece) => sum + piece.length, 0) }
  }
}
