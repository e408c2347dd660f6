import { loadConfig } from '../config.ts'
import type { TrustAnchor } from '../signature/trust-store.ts'
import { readArguments } from './arguments.ts'
import { trustOf } from './trust-of.ts'

const DAY_MS = 86_400_000

/** What is told of one anchor. */
interface Row {
  readonly subject: string
  readonly sha256: string
  readonly purposes: readonly string[]
  readonly trustedFrom: string
  /** The end of the operator's trust or of the certificate, whichever comes first. */
  readonly trustedUntil: string
  readonly daysLeft: number
  readonly state: 'trusted' | 'not yet' | 'ended'
  readonly note: string | null
}

/**
 * `tram trust list`: what is trusted, for what, until when; the first to end comes first.
 * @returns the exit code: 0 only where an anchor for signatures is trusted now
 */
export async function trustList(
  args: string[],
  out: (line: string) => void = console.log,
  now: Date = new Date(),
): Promise<number> {
  const { values } = readArguments(args, [], {
    trust: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  const { anchors, intermediates } = await trustOf(values.trust ?? loadConfig('api').trust)
  const rows = anchors.map((anchor) => toRow(anchor, now)).sort((a, b) => a.daysLeft - b.daysLeft)
  if (values.json) {
    out(JSON.stringify({ anchors: rows, intermediates: intermediates.length }))
  } else {
    for (const row of rows) for (const line of forPeople(row)) out(line)
    out(`${rows.length} gốc tin cậy / anchors; ${intermediates.length} CA trung gian / intermediates`)
  }
  return rows.some(({ state, purposes }) => state === 'trusted' && purposes.includes('signature')) ? 0 : 1
}

function toRow({ certificate, purposes, trustedFrom, trustedUntil, note }: TrustAnchor, now: Date): Row {
  const { notBefore, notAfter } = certificate
  const from = trustedFrom !== undefined && trustedFrom > notBefore ? trustedFrom : notBefore
  const until = trustedUntil !== undefined && trustedUntil < notAfter ? trustedUntil : notAfter
  return {
    subject: certificate.subject.map(({ value }) => value).join(', '),
    sha256: certificate.sha256,
    purposes: [...purposes].sort(),
    trustedFrom: from.toISOString(),
    trustedUntil: until.toISOString(),
    daysLeft: Math.floor((until.getTime() - now.getTime()) / DAY_MS),
    state: now < from ? 'not yet' : now > until ? 'ended' : 'trusted',
    note: note ?? null,
  }
}

const STATES: Readonly<Record<Row['state'], string>> = {
  trusted: 'đang tin cậy / trusted',
  'not yet': 'chưa tin cậy / not yet trusted',
  ended: 'hết tin cậy / no longer trusted',
}

function forPeople(row: Row): string[] {
  const days = row.state === 'trusted' ? `, còn ${row.daysLeft} ngày / ${row.daysLeft} days left` : ''
  return [
    row.subject,
    `  ${STATES[row.state]}: ${row.purposes.join(', ')}`,
    `  ${row.trustedFrom.slice(0, 10)} – ${row.trustedUntil.slice(0, 10)}${days}`,
    `  sha256 ${row.sha256}`,
    ...(row.note === null ? [] : [`  ${row.note}`]),
  ]
}
