import type { Addressing } from '../domain/effects.ts'
import { reachOf } from './plan-deliveries.ts'
import type { RoutedDocument } from './submission.ts'

/** What a packet says of its own way. */
export function wayOf(document: RoutedDocument): Addressing {
  const reached = reachOf(document)
  return {
    to: document.to.map(({ agency }) => agency.code),
    removed: document.removed,
    reach: (code) => reached(code)?.agency.code ?? null,
  }
}
