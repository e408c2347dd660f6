import type { BlobStage } from '../blobs/store.ts'
import { passStep } from '../step.ts'
import { checkRules } from './check-rules.ts'
import { checkWay } from './check-way.ts'
import { findEarlierAnswer } from './earlier-answer.ts'
import { identifySender } from './identify-sender.ts'
import { mendDamaged } from './mend-damaged.ts'
import { parseSubmission } from './parse-submission.ts'
import { recordRefusal } from './record-refusal.ts'
import { routeDocument } from './route-document.ts'
import { sealDocument } from './seal-document.ts'
import { storeDocument } from './store-document.ts'
import type { AcceptedDocument, IntakeDependencies, Submission } from './submission.ts'
import { verifySignatures } from './verify-signatures.ts'

/**
 * The one way into the gateway, whatever the door. When it returns, the document, its deliveries, its audit event and
 * its receipt are durable; when it throws, nothing of the document is kept but the fact of the refusal.
 * @throws GatewayError with everything that is wrong at the step that refused
 */
export async function acceptSubmission(
  dependencies: IntakeDependencies,
  submission: Submission,
): Promise<AcceptedDocument> {
  const stage = await dependencies.blobs.stage()
  try {
    return await takeThrough(dependencies, submission, stage)
  } catch (error) {
    await recordRefusal(dependencies, submission.caller, error)
    throw error
  } finally {
    await stage.discard()
  }
}

async function takeThrough(
  dependencies: IntakeDependencies,
  submission: Submission,
  stage: BlobStage,
): Promise<AcceptedDocument> {
  const parsed = await parseSubmission(dependencies, submission, stage)
  passStep('accept-staged')
  const traced = checkWay(dependencies, checkRules(parsed))
  const identified = await identifySender(dependencies, traced)
  const earlier = await findEarlierAnswer(dependencies.pool, identified)
  if (earlier !== undefined) {
    await mendDamaged(dependencies.pool, identified, stage)
    return earlier
  }
  await dependencies.timestamping?.require()
  const routed = await routeDocument(dependencies, identified)
  const verified = await verifySignatures(dependencies, routed)
  const sealed = await sealDocument(dependencies, verified)
  return storeDocument(dependencies, sealed)
}
