import { isDamagedRow } from '../db/errors.ts'
import type { SmallBlob } from '../db/small-blobs.ts'
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
  const accepted = await storeSomehow(dependencies, document, blobs)
  passStep('accept-committed')
  dependencies.wakeRelay()
  return accepted
}

/** A damaged row of a blob, perhaps of another document's, keeps nobody out: the blob becomes a file beside it. */
async function storeSomehow(
  dependencies: IntakeDependencies,
  document: SealedDocument,
  blobs: readonly SmallBlob[],
): Promise<AcceptedDocument> {
  const alone = () => storeAlone(dependencies, document, blobs)
  try {
    return (await storeTogether(dependencies, document, blobs)) ?? (await alone())
  } catch (error) {
    if (!isDamagedRow(error) || blobs.length === 0) throw error
  }
  try {
    return await alone()
  } catch (error) {
    if (!isDamagedRow(error)) throw error
    await document.stage.commitAsFiles()
    return storeAlone(dependencies, document, [])
  }
}
