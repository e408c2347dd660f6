import { createReadStream } from 'node:fs'
import type { BackupTrust } from '../backup/open-backup.ts'
import type { Attested } from '../domain/comparison.ts'
import { verifyDeliveryReceipt, verifyReceipt } from '../signature/receipt-jws.ts'
import { linesOf } from './lines.ts'

/** A compact JWS wherever it stands: in a line of its own, in an answer of the API, in a journal, in a log. */
const JWS = /eyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{40,}/g
/** Bytes: the receipt of a circular to every commune has some megabytes. */
const LONGEST_LINE = 64 * 1024 * 1024

export interface ReadReceipts {
  /** In the order of the files. */
  readonly attested: readonly Attested[]
  /** `file:line` of what looks like a receipt and was not signed by this gateway. */
  readonly unproven: readonly string[]
}

/**
 * Every receipt that stands in these files, in whatever text. Only what this gateway signed counts, for deliveries may be
 * settled by it. @throws Error of the file system
 */
export async function readReceipts(files: readonly string[], trust: BackupTrust): Promise<ReadReceipts> {
  const attested: Attested[] = []
  const unproven: string[] = []
  for (const file of files) {
    let line = 0
    for await (const text of linesOf(createReadStream(file), LONGEST_LINE)) {
      line += 1
      if (text === null) unproven.push(`${file}:${line}`)
      for (const [jws] of (text ?? '').matchAll(JWS)) {
        const one = await readReceipt(jws, trust)
        if (one === undefined) unproven.push(`${file}:${line}`)
        else attested.push(one)
      }
    }
  }
  return { attested, unproven }
}

/** Each kind with its verifier: one refuses the other's receipts by their type. */
const KINDS = [
  async (jws: string, trust: BackupTrust) => ({
    kind: 'acceptance' as const,
    ...(await verifyReceipt(jws, trust)),
  }),
  async (jws: string, trust: BackupTrust) => ({
    kind: 'delivery' as const,
    ...(await verifyDeliveryReceipt(jws, trust)),
  }),
]

async function readReceipt(jws: string, trust: BackupTrust): Promise<Attested | undefined> {
  for (const verify of KINDS) {
    const verified = await verify(jws, trust).catch(() => undefined)
    if (verified === undefined) continue
    return verified.trust === 'trusted' && trust.gateway.has(verified.signer.sha256) ? verified : undefined
  }
  return undefined
}
