import type { XmlElementNode } from '../../xml/nodes.ts'
import { unverifiable } from '../checks.ts'
import type { StreamedDigests } from './xml-streamed.ts'
import type { ExternalBytes } from './xmldsig-data.ts'
import type { SignedDocument } from './xmldsig-document.ts'

/**
 * What canonicalising may still cost for one document. Every reference visits every node, so that a hostile packet
 * could otherwise keep the verifier busy for hours. A packet has some hundreds of nodes and a handful of references.
 */
export interface Budget {
  nodes: number
  octets: number
}

export const newBudget = (): Budget => ({ nodes: 3_000_000, octets: 160 * 1024 * 1024 })

/** @throws SignatureStop `unverifiable` */
export function charge(budget: Budget, nodes: number, octets = 0): void {
  budget.nodes -= nodes
  budget.octets -= octets
  // Once it is used up, nothing more is begun.
  if (budget.nodes < 0 || budget.octets < 0) throw unverifiable('reference', 'xml-too-costly')
}

/** Where the transforms of a reference are carried out. */
export interface Place {
  readonly document: SignedDocument
  readonly signature: XmlElementNode
  readonly budget: Budget
  readonly externalBytes: ExternalBytes | undefined
  /** Given where a part of the document is still in its file. */
  readonly streamed?: StreamedDigests
  /** Whether any XPath is carried out: to look at octets, never to judge a signature. */
  readonly anyXPath?: boolean
}
