import type { Journal } from './journal.ts'
import type { Letter } from './letters.ts'
import { codeOf, type Request, type System } from './system.ts'

/** The answer to what was accepted, as far as it is used. */
interface Accepted {
  readonly documentId: string
  readonly receipt: string
  readonly withdrawn: readonly { readonly agency: string }[]
}

/**
 * Sends until there is an answer, and writes down everything: the intent before the first request, each request without
 * an answer, the answer. The same bytes under the same name and key each time.
 * @returns whether it was accepted
 */
export async function send(
  journal: Journal,
  system: System,
  { name, operation, sender, to, sha256, urgency, packet }: Letter,
): Promise<Accepted | null> {
  journal.write({
    is: 'intent',
    document: name,
    operation,
    sender,
    to,
    sha256,
    bytes: packet.length,
    urgency,
    api: 'all',
  })
  return confirmed(journal, system, name, {
    method: 'POST',
    path: '/v1/documents',
    headers: { 'content-type': 'application/xml', 'idempotency-key': encodeURIComponent(name) },
    body: packet,
  })
}

/** Asks for what stands in the journal as intended already, until it is accepted or refused. */
export async function confirmed(
  journal: Journal,
  system: System,
  document: string,
  request: Request,
): Promise<Accepted | null> {
  const answer = await system.persist(request, (status, error) =>
    journal.write({ is: 'unanswered', document, status, error }),
  )
  if (answer === null) return null
  if (answer.status >= 300) {
    journal.write({ is: 'refused', document, status: answer.status, code: codeOf(answer) })
    return null
  }
  const accepted = JSON.parse(answer.body.toString()) as Accepted
  journal.write({ is: 'accepted', document, key: accepted.documentId, receipt: accepted.receipt })
  return accepted
}
