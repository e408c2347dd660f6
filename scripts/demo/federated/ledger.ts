/** One document on its way from one gateway to the other, to one recipient. */
export interface LedgerLine {
  readonly document: string
  readonly from: string
  readonly to: string
  /** The gateways that it passed. */
  readonly way: string
  readonly bytesEqual: boolean
  /** Whether the first gateway's seal was verified again by the second. */
  readonly sealVerified: boolean
  /** How often the recipient got it. */
  readonly times: number
}

export type Ledger = LedgerLine[]

const HEAD = ['document', 'from', 'to', 'way', 'bytes', 'seal', 'times']

/** The ledger as a table, and its sums. */
export function summary(ledger: Ledger): string[] {
  const rows = ledger.map((line) => [
    line.document,
    line.from,
    line.to,
    line.way,
    line.bytesEqual ? 'equal' : 'DIFFER',
    line.sealVerified ? 'verified' : 'NOT VERIFIED',
    String(line.times),
  ])
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const text = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const lost = ledger.filter(({ times }) => times === 0).length
  const twice = ledger.filter(({ times }) => times > 1).length
  return [text(HEAD), ...rows.map(text), `${ledger.length} sent over; lost ${lost}, twice ${twice}`]
}

export const isClean = (ledger: Ledger): boolean =>
  ledger.every(({ bytesEqual, sealVerified, times }) => bytesEqual && sealVerified && times === 1)
