import type { SealedObject } from '../domain/sealed-objects.ts'
import type { SignatureFinding } from '../domain/signature-report.ts'
import { objectUris } from './container-names.ts'
import { verifySignatures } from './finding.ts'
import { checkXmlSignatures } from './formats/xmldsig.ts'
import { coversNamedObjects } from './formats/xmldsig-coverage.ts'
import type { ValidationContext } from './validation/context.ts'

/**
 * Verifies a seal over objects that are all given by their digests. An object that the seal does not name fails
 * `whole-document`; a name that is not among the objects makes the seal invalid.
 */
export async function verifySeal(
  signatureXml: Uint8Array,
  objects: readonly SealedObject[],
  context: ValidationContext,
): Promise<readonly SignatureFinding[]> {
  const uris = objectUris(objects.map(({ name }) => name))
  const digests = new Map(objects.map(({ sha256 }, index) => [uris[index]!, Buffer.from(sha256, 'hex')]))
  const checked = checkXmlSignatures(signatureXml, {
    coverage: coversNamedObjects(uris),
    // An empty digest fits nothing.
    external: (uri, hash) => (hash === 'sha256' ? (digests.get(uri) ?? new Uint8Array()) : undefined),
  })
  return (await verifySignatures('seal', checked, context)).findings
}
