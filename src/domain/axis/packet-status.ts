import type { Bilingual } from '../bilingual.ts'

/**
 * What a client of the axis interface has told of a packet (`updateStatus`). It speaks of the packet's transport alone:
 * neither of the delivery's state nor of what an agency does with the document (statuses 01 to 16).
 */
export type PacketStatus = 'initial' | 'processing' | 'done' | 'fail'

export interface PacketStatusRow {
  readonly label: Bilingual
  /** Whether the packet is off the list of those to be fetched. */
  readonly leavesList: boolean
}

export const PACKET_STATUSES: Record<PacketStatus, PacketStatusRow> = {
  initial: { label: { vi: 'chưa lấy', en: 'not fetched yet' }, leavesList: false },
  processing: { label: { vi: 'đang lấy', en: 'being fetched' }, leavesList: false },
  done: { label: { vi: 'đã lấy và lưu', en: 'fetched and stored' }, leavesList: true },
  fail: { label: { vi: 'lấy không thành', en: 'could not be taken in' }, leavesList: false },
}

/** Reads a status as clients write it: some write capitals. Undefined where it is none. */
export function packetStatus(text: string): PacketStatus | undefined {
  const lower = text.trim().toLowerCase()
  return isStatus(lower) ? lower : undefined
}

const isStatus = (name: string): name is PacketStatus => Object.hasOwn(PACKET_STATUSES, name)
