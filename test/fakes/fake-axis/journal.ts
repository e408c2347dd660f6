import { createHash } from 'node:crypto'
import type { MessageType } from './store.ts'

/** Something that the axis did for its client, whether or not that one heard of it. */
export interface AxisEntry {
  /** Its place among all of them. */
  readonly at: number
  /** Took a packet that was sent, gave one that was fetched, heard what became of one. */
  readonly act: 'took' | 'gave' | 'heard'
  readonly docId: string
  readonly messageType: MessageType
  readonly to: readonly string[]
  /** Of the bytes that it took or gave. */
  readonly sha256?: string
  /** What it heard. */
  readonly status?: string
}

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
