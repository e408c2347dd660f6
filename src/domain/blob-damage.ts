import type { Bilingual } from './bilingual.ts'

/** What may be wrong with stored bytes. */
export const BLOB_DAMAGES = {
  missing: { vi: 'không còn trong kho', en: 'not in the store any more' },
  'other-length': { vi: 'độ dài khác lúc lưu', en: 'of another length than was stored' },
  'other-bytes': { vi: 'byte khác lúc lưu', en: 'other bytes than were stored' },
  unreadable: { vi: 'đĩa không đọc được', en: 'not readable from its disk' },
} as const satisfies Record<string, Bilingual>

export type BlobDamage = keyof typeof BLOB_DAMAGES
