import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnchorPurpose } from './trust-anchor.ts'

export const ANCHOR_FILE = 'anchors.json'

/** What `anchors.json` says of one anchor, named by the SHA-256 of its certificate (64 hex digits). */
export interface AnchorRow {
  readonly sha256: string
  /** Those of the folder unless given. */
  readonly purposes?: readonly AnchorPurpose[]
  readonly trustedFrom?: Date
  readonly trustedUntil?: Date
  readonly note?: string
}

const PURPOSES: Record<AnchorPurpose, true> = { signature: true, timestamp: true }
const isPurpose = (value: unknown): value is AnchorPurpose =>
  typeof value === 'string' && Object.hasOwn(PURPOSES, value)

const FIELDS = new Set(['sha256', 'file', 'purposes', 'trustedFrom', 'trustedUntil', 'note'])

/**
 * The rows of `<folder>/anchors.json` by SHA-256: `[{sha256, purposes?, trustedFrom?, trustedUntil?, note?, file?}]`, times
 * in ISO 8601, `file` for people. Undefined where there is no such file.
 * @throws Error naming the row that is not so: a field that is misspelt must not be taken for one that is not there
 */
export async function readAnchorRows(folder: string): Promise<ReadonlyMap<string, AnchorRow> | undefined> {
  const path = join(folder, ANCHOR_FILE)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const rows = parse(path, text)
  const found = new Map<string, AnchorRow>()
  for (const [index, value] of rows.entries()) {
    const where = `${path}, row ${index + 1}`
    const row = readRow(value, where)
    if (found.has(row.sha256)) throw new Error(`${where}: the anchor has a row already`)
    found.set(row.sha256, row)
  }
  return found
}

function parse(path: string, text: string): readonly unknown[] {
  let rows: unknown
  try {
    rows = JSON.parse(text)
  } catch (cause) {
    throw new Error(`${path} is no JSON`, { cause })
  }
  if (!Array.isArray(rows)) throw new Error(`${path} is no list`)
  return rows
}

function readRow(value: unknown, where: string): AnchorRow {
  if (typeof value !== 'object' || value === null) throw new Error(`${where} is no object`)
  const fields = new Map<string, unknown>(Object.entries(value))
  for (const name of fields.keys()) if (!FIELDS.has(name)) throw new Error(`${where}: unknown field ${name}`)
  const sha256 = String(fields.get('sha256') ?? '')
    .replaceAll(':', '')
    .toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`${where}: sha256 is no SHA-256 in hex`)
  const [purposes, from, until] = [
    readPurposes(fields.get('purposes'), where),
    readTime(fields.get('trustedFrom'), where),
    readTime(fields.get('trustedUntil'), where),
  ]
  const note = fields.get('note')
  return {
    sha256,
    ...(purposes && { purposes }),
    ...(from && { trustedFrom: from }),
    ...(until && { trustedUntil: until }),
    ...(typeof note === 'string' && { note }),
  }
}

function readPurposes(value: unknown, where: string): readonly AnchorPurpose[] | undefined {
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.length > 0 && value.every(isPurpose)) return value
  throw new Error(`${where}: purposes is a list of ${Object.keys(PURPOSES).join(', ')}`)
}

function readTime(value: unknown, where: string): Date | undefined {
  if (value === undefined || value === null) return undefined
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\d(T.+(Z|[+-]\d\d:\d\d))?$/.test(value)
  const time = isTime ? new Date(value) : new Date(Number.NaN)
  if (Number.isNaN(time.getTime())) throw new Error(`${where}: ${String(value)} is no time (ISO 8601)`)
  return time
}
