import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { documentPacket, type PacketFacts, statusPacket } from '../../../test/support/packets.ts'
import type { World } from '../world.ts'

/** Letters that every wrong decoding spoils. */
export const SUBJECT = 'V/v tăng cường liên thông văn bản điện tử giữa các cấp chính quyền: hướng dẫn “số 01”'

export interface PacketFile {
  readonly path: string
  readonly sha256: string
  readonly documentId: string
}

let number = 0

/** A file with a document of the ministry's, under a number of its own. */
export async function letter(
  { folder }: World,
  to: readonly string[],
  facts: Partial<PacketFacts> = {},
): Promise<PacketFile> {
  number += 1
  const documentId = facts.documentId ?? `G90,2026/11/20,${number}/BTN-VP`
  const packet = await documentPacket({ from: 'G90', to, subject: SUBJECT, ...facts, documentId })
  return keep(folder, packet, documentId)
}

/** A file with a status that the city tells the ministry of a document. */
export const status = ({ folder }: World, documentId: string): Promise<PacketFile> =>
  keep(
    folder,
    statusPacket({ from: 'H91', to: 'G90', documentId, code: '03', description: 'Đã tiếp nhận' }),
    documentId,
  )

/** A file with whatever bytes. */
export const anyFile = ({ folder }: World, bytes: Uint8Array): Promise<PacketFile> => keep(folder, bytes, '')

async function keep(folder: string, packet: Uint8Array, documentId: string): Promise<PacketFile> {
  const sha256 = createHash('sha256').update(packet).digest('hex')
  const path = join(folder, `${sha256}.edxml`)
  await writeFile(path, packet)
  return { path, sha256, documentId }
}

export const EDOC = { servicetype: 'eDoc', messagetype: 'edoc' } as const
export const STATUS = { servicetype: 'eDoc', messagetype: 'status' } as const
export const FROM_MINISTRY = { from: 'G90', ...EDOC } as const
/** What the answer to sendEdoc names a packet by. */
export const NUMBER = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
