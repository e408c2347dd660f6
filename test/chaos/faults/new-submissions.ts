import { createHash } from 'node:crypto'
import { documentPacket } from '../../support/packets.ts'
import { codeOf, saysSomething } from '../system.ts'
import type { World } from '../world.ts'
import type { Question } from './ask-doors.ts'

/** A new document to be handed in, and what is to be told of each answer. */
export interface Submission {
  readonly question: Question
  /** Writes the answer down. @returns whether it is one: the same is asked again where it is none */
  answered(status: number, text: string): boolean
}

const RECIPIENTS = ['H83', 'H83.31']

/** New documents of an agency, each of them in the journal before it is handed in. @param lane tells theirs from those of others */
export function submissionsOf({ journal }: World, sender: string, lane: number): () => Promise<Submission> {
  let number = 0
  return async () => {
    number += 1
    const document = `${sender},2026/11/20,${(9 + lane) * 100_000 + number}/THU-VP`
    const bytes = Buffer.from(`Nội dung số ${number}`)
    const attachments = [{ name: 'noi-dung.bin', type: 'application/octet-stream', bytes }]
    const to = [RECIPIENTS[number % RECIPIENTS.length]!]
    const packet = await documentPacket({ from: sender, to, documentId: document, attachments })
    const sha256 = createHash('sha256').update(packet).digest('hex')
    const intent = { document, operation: 'new', sender, to, sha256 } as const
    journal.write({ is: 'intent', ...intent, bytes: packet.length, urgency: 0, api: 'all' })
    return {
      question: {
        name: 'submission',
        path: '/v1/documents',
        headers: { 'content-type': 'application/xml', 'idempotency-key': encodeURIComponent(document) },
        body: packet,
      },
      answered: (status, text) => {
        if (status >= 200 && status < 300) {
          const { documentId: key, receipt } = JSON.parse(text) as { documentId: string; receipt: string }
          journal.write({ is: 'accepted', document, key, receipt })
          return true
        }
        const hasStatus = status !== 0
        const says = hasStatus && saysSomething({ status })
        const code = hasStatus ? codeOf({ status, body: Buffer.from(text) }) : text
        if (says) journal.write({ is: 'refused', document, status, code })
        else journal.write({ is: 'unanswered', document, status: status || null, error: code })
        return says
      },
    }
  }
}
