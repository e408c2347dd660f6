import { childElements } from '../../xml/nodes.ts'
import { unverifiable } from '../checks.ts'
import { bytesOf } from './xml-streamed.ts'
import { readSignedDocument } from './xmldsig-document.ts'
import { newBudget, type Place } from './xmldsig-place.ts'
import { resolveReference } from './xmldsig-references.ts'
import { readSignedInfo } from './xmldsig-signed-info.ts'
import { toOctets } from './xmldsig-transforms.ts'
import { isDsig } from './xmldsig-tree.ts'

/**
 * The octets that the n-th reference of a document's first signature is a digest of; those of SignedInfo behind the
 * last. For whoever looks into a digest that does not fit: any XPath is carried out, nothing is judged.
 * @throws SignatureStop where there is no such reference, or a transform is not carried out
 */
export function referenceOctets(bytes: Uint8Array, index: number): Uint8Array {
  const document = readSignedDocument(bytes, true)
  const [signature] = document.signatures
  const signedInfo = signature && childElements(signature).find((one) => isDsig(one, 'SignedInfo'))
  if (signature === undefined || signedInfo === undefined)
    throw unverifiable('form', 'signature-malformed', 'SignedInfo')
  const info = readSignedInfo(signedInfo)
  const reference = info.references[index]
  if (index === info.references.length) return info.octets
  if (reference === undefined) throw unverifiable('form', 'signature-malformed', `Reference ${index}`)
  if ('stop' in reference) throw reference.stop
  const place: Place = {
    document,
    signature,
    budget: newBudget(),
    externalBytes: undefined,
    anyXPath: true,
  }
  return bytesOf(toOctets(resolveReference(reference, place).data, place), undefined)
}
