import type { SealedObject } from '../domain/sealed-objects.ts'
import type { SignatureFinding } from '../domain/signature-report.ts'
import type { ByteSource } from './byte-source.ts'
import { type Verification, verifySignatures } from './finding.ts'
import { checkXmlSignatures } from './formats/xmldsig.ts'
import { coversNamedObjects } from './formats/xmldsig-coverage.ts'
import { readExternals } from './formats/xmldsig-external.ts'
import { sealedUris } from './seal-names.ts'
import type { ValidationContext } from './validation/context.ts'

/**
 * Verifies a seal over objects that are all given by their digests, the packet first; the names are those of the seal. An
 * object that it does not name fails `whole-document`; a name that is not among the objects makes the seal invalid.
 * @param contents the objects themselves, in their order: archive timestamps stand over their octets, and are left
 * unjudged where they are not given
 */
export async function verifySeal(
  signatureXml: Uint8Array,
  objects: readonly SealedObject[],
  context: ValidationContext,
  contents?: readonly ByteSource[],
): Promise<readonly SignatureFinding[]> {
  return (await verifyGivenSeal('seal', signatureXml, objects, context, contents)).findings
}

/**
 * The same for a seal that another gateway made, with what the findings rest on.
 * @param subject names the seal in findings
 */
export async function verifyGivenSeal(
  subject: string,
  signatureXml: Uint8Array,
  objects: readonly SealedObject[],
  context: ValidationContext,
  contents?: readonly ByteSource[],
): Promise<Verification> {
  const uris = sealedUris(signatureXml, objects)
  const digests = new Map(objects.map(({ sha256 }, index) => [uris[index]!, Buffer.from(sha256, 'hex')]))
  const byUri = new Map(contents?.map((content, index) => [uris[index]!, content]))
  const { externalBytes } = await readExternals(signatureXml, byUri)
  const checked = checkXmlSignatures(signatureXml, {
    coverage: coversNamedObjects(uris),
    // An empty digest fits nothing.
    external: (uri, hash) => (hash === 'sha256' ? (digests.get(uri) ?? new Uint8Array()) : undefined),
    ...(externalBytes !== undefined && { externalBytes }),
  })
  return verifySignatures(subject, checked, context)
}
