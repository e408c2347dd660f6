import { passStep } from '../step.ts'
import { storeAlone } from './store-alone.ts'
import { storeTogether } from './store-together.ts'
import type { AcceptedDocument, IntakeDependencies, SealedDocument } from './submission.ts'

/**
 * Makes the document durable: what goes to files first, then a transaction with everything else. What speaks of no earlier
 * document shares the transaction with others that come at the same time; the rest is decided under locks of its own.
 */
export async function storeDocument(
  dependencies: IntakeDependencies,
  document: SealedDocument,
): Promise<AcceptedDocument> {
  const blobs = await document.stage.commitFiles()
  passStep('accept-durable')
  const accepted =
    (await storeTogether(dependencies, document, blobs)) ?? (await storeAlone(dependencies, document, blobs))
  passStep('accept-committed')
  dependencies.wakeRelay()
  return accepted
}
