import { agencyCode } from '../../domain/identifiers.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import type { RouteAnswer, TableAnswer } from './answer.ts'
import { explainRecipient } from './explain-recipient.ts'
import { explainSender } from './explain-sender.ts'
import type { ExplainParts, RouteQuestion } from './question.ts'
import { TABLE_REASONS } from './words.ts'

/**
 * Where a document would go and why, found by the functions that decide it. Never throws for what is asked: a name that
 * leads nowhere is an answer.
 */
export function explainRoute(parts: ExplainParts, question: RouteQuestion): RouteAnswer {
  const { sender, recipient, documentType, urgency, bytes, at } = question
  const day = vietnamDay(at)
  const from = explainSender(parts.directory, parts.delegations, sender, day)
  const facts = { sender: from.agency?.code ?? agencyCode(sender), day }
  return {
    asked: { sender, recipient, documentType: documentType ?? null, urgency, bytes, at, day },
    directoryRevision: parts.directory.revision,
    table: explainTable(parts),
    sender: from,
    recipient: explainRecipient(parts, question, facts),
  }
}

function explainTable({ table, tableBecause, next }: ExplainParts): TableAnswer {
  const { revision, effectiveFrom, author, approvedBy, rules } = table
  return {
    revision,
    because: tableBecause,
    text: TABLE_REASONS[tableBecause],
    effectiveFrom,
    author,
    approvedBy,
    rules: rules.length,
    next: next === null ? null : { revision: next.revision, effectiveFrom: next.effectiveFrom },
  }
}
