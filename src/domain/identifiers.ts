declare const brand: unique symbol
type Branded<T, B extends string> = T & { readonly [brand]: B }

/** SHA-256 as 64 lower-case hex digits. Also the name of a blob. */
export type Sha256 = Branded<string, 'Sha256'>

/**
 * The code of an agency (QĐ 20/2020/QĐ-TTg art. 4: at most 35 characters). Opaque: looked up in the
 * directory, never parsed for meaning.
 */
export type AgencyCode = Branded<string, 'AgencyCode'>

/** Tram's own key of a document (UUIDv7). Not the sender's DocumentId, which is `EdxmlDocumentId`. */
export type DocumentKey = Branded<string, 'DocumentKey'>

/** Tram's own key of a delivery: one document to one recipient (UUIDv7). */
export type DeliveryKey = Branded<string, 'DeliveryKey'>

/** The sender's own DocumentId (QCVN 102:2016 §1.14). Opaque: official samples hold impossible dates. */
export type EdxmlDocumentId = Branded<string, 'EdxmlDocumentId'>

const SHA256_HEX = /^[0-9a-f]{64}$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const isSha256 = (text: string): text is Sha256 => SHA256_HEX.test(text)
export const isUuid = (text: string): boolean => UUID.test(text)

export function sha256(text: string): Sha256 {
  if (!isSha256(text)) throw new TypeError('not a SHA-256 in lower-case hex')
  return text
}

export const agencyCode = (text: string): AgencyCode => text as AgencyCode
export const edxmlDocumentId = (text: string): EdxmlDocumentId => text as EdxmlDocumentId
export const documentKey = (text: string): DocumentKey => text as DocumentKey
export const deliveryKey = (text: string): DeliveryKey => text as DeliveryKey

/**
 * A new UUID of version 7 (RFC 9562 §5.7): its first 48 bits are the Unix time in milliseconds, so that
 * rows made one after the other stand side by side in an index.
 */
export function uuidv7(now: Date = new Date()): string {
  const time = now.getTime().toString(16).padStart(12, '0')
  // Version 4 has its random bits where version 7 has them, and the platform draws many at once.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}

export const newDocumentKey = (): DocumentKey => uuidv7() as DocumentKey
export const newDeliveryKey = (): DeliveryKey => uuidv7() as DeliveryKey
