import { createHash } from 'node:crypto'
import { integer, nullValue, octetString, oid, sequence } from '../signature/der-writer.ts'
import { childrenOf, readBer } from '../signature/formats/ber.ts'
import type { Certificate } from '../signature/x509/certificate.ts'

/** SHA-1 names the issuer here and secures nothing: it is what every responder knows (RFC 5019 §2.1.1). */
const SHA1 = '1.3.14.3.2.26'

const sha1 = (bytes: Uint8Array): Buffer => octetString(createHash('sha1').update(bytes).digest())

/**
 * An OCSPRequest on one certificate, DER (RFC 6960 §4.1). Without a nonce, so that responders may answer from store:
 * freshness is judged by the times in the answer.
 */
export function ocspRequest(certificate: Certificate, issuer: Certificate): Uint8Array {
  const spki = readBer(issuer.publicKey.export({ type: 'spki', format: 'der' }))
  const [, keyBits] = childrenOf(spki)
  const id = sequence(
    sequence(oid(SHA1), nullValue()),
    sha1(Buffer.from(issuer.subjectDer, 'hex')),
    // The bits, without the octet that counts the unused ones.
    sha1((keyBits?.content ?? new Uint8Array()).subarray(1)),
    integer(Buffer.from(certificate.serial, 'hex')),
  )
  return sequence(sequence(sequence(sequence(id))))
}
