import type { Bilingual } from './bilingual.ts'

/** What a certificate is for, as operators know it. */
export const CERTIFICATE_USES = {
  seal: { vi: 'Con dấu của trục', en: "The gateway's seal" },
  'agency-seal': { vi: 'Con dấu của cơ quan gửi tại trục', en: "An agency's seal, kept here" },
  tls: { vi: 'TLS của API', en: 'TLS of the API' },
  connector: { vi: 'Trình ra với trục khác', en: 'Shown to other exchanges' },
  'connector-authority': {
    vi: 'Gốc chứng thư của trục khác',
    en: "Authority of other exchanges' certificates",
  },
  'client-authority': { vi: 'Gốc chứng thư của hệ thống kết nối', en: "Authority of clients' certificates" },
  'trust-anchor': { vi: 'Gốc tin cậy cho chữ ký', en: 'Trust anchor of signatures' },
  intermediate: { vi: 'CA trung gian', en: 'Issuing authority' },
} as const satisfies Record<string, Bilingual>

export type CertificateUse = keyof typeof CERTIFICATE_USES

/** A certificate that this gateway lives by, and when it ends. */
export interface CertificateEnd {
  readonly use: CertificateUse
  readonly subject: string
  readonly sha256: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** Code of the agency whose it is; null for the gateway's own. */
  readonly agency: string | null
}

/** From the gravest on: how many days before the end, and what is said then. */
const WARNINGS = [
  { warning: 'ended', days: 0 },
  { warning: 'within-7-days', days: 7 },
  { warning: 'within-30-days', days: 30 },
  { warning: 'within-60-days', days: 60 },
] as const

export type EndWarning = (typeof WARNINGS)[number]['warning'] | 'none'
export const END_WARNINGS: readonly EndWarning[] = [...WARNINGS.map(({ warning }) => warning), 'none']

const DAY_MS = 86_400_000

/** Days until a certificate ends, in parts of days; below zero where it has ended. */
export const daysLeft = ({ notAfter }: Pick<CertificateEnd, 'notAfter'>, now: Date): number =>
  (notAfter.getTime() - now.getTime()) / DAY_MS

export const endWarning = (days: number): EndWarning =>
  WARNINGS.find((row) => (row.days === 0 ? days < 0 : days <= row.days))?.warning ?? 'none'
