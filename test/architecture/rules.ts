import { posix } from 'node:path'
import { type Import, type Scan, scan } from './scan.ts'

/** A source file by its path from the root of the project, with slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

interface Row {
  /** Parts of `src` that may be imported. A part may always import itself. */
  readonly may: readonly string[]
  /** Parts of which only types may be imported. */
  readonly types?: readonly string[]
}

const STAGES = [
  'admission',
  'audit',
  'directory',
  'statistics',
  'intake',
  'delivery',
  'receipts',
  'stamping',
  'sealing',
  'connector',
  'backup',
]

/** Who may import whom. A part without a row fails. */
export const IMPORT_TABLE: Readonly<Record<string, Row>> = {
  domain: { may: [] },
  step: { may: [] },
  config: { may: ['domain'] },
  xml: { may: [] },
  edxml: { may: ['domain', 'xml'], types: ['blobs'] },
  axis: { may: ['domain'], types: ['edxml'] },
  network: { may: [] },
  signature: { may: ['domain', 'xml'] },
  'trust-services': { may: ['domain', 'network', 'signature'] },
  db: { may: ['domain', 'step'] },
  queue: { may: ['domain'] },
  blobs: { may: ['domain', 'db'] },
  audit: { may: ['domain', 'db'] },
  sheets: { may: ['domain'] },
  directory: { may: ['domain', 'db', 'audit', 'sheets'] },
  admission: { may: ['domain', 'db', 'audit'] },
  statistics: { may: ['domain', 'db'] },
  intake: { may: ['domain', 'step', 'edxml', 'signature', 'blobs', 'db', 'audit', 'directory'] },
  delivery: {
    may: ['domain', 'step', 'network', 'axis', 'edxml', 'blobs', 'db', 'queue', 'audit', 'directory'],
  },
  connector: {
    may: ['domain', 'axis', 'edxml', 'db', 'audit', 'directory', 'intake'],
    types: ['blobs'],
  },
  receipts: { may: ['domain', 'step', 'edxml', 'signature', 'blobs', 'db', 'audit', 'directory'] },
  sealing: { may: ['domain', 'signature', 'db', 'audit'] },
  stamping: { may: ['domain', 'signature', 'trust-services', 'blobs', 'db', 'audit'] },
  housekeeping: { may: ['domain', 'db', 'blobs'] },
  backup: { may: ['domain', 'signature', 'blobs', 'db', 'audit'] },
  context: {
    may: ['config', 'domain', 'edxml', 'signature', 'trust-services', 'db', 'queue', 'blobs', ...STAGES],
  },
  http: { may: ['context', 'domain', 'network', 'axis', 'db', 'sheets', ...STAGES], types: ['config'] },
  worker: { may: ['context', 'domain', 'db', 'queue', ...STAGES], types: ['config'] },
  cli: {
    may: [
      'config',
      'context',
      'domain',
      'db',
      ...STAGES,
      'xml',
      'edxml',
      'signature',
      'queue',
      'blobs',
      'sheets',
    ],
  },
  console: { may: [], types: ['http'] },
  bin: {
    may: [
      'config',
      'context',
      'http',
      'worker',
      'cli',
      'db',
      'queue',
      'domain',
      'housekeeping',
      'connector',
      'directory',
    ],
  },
}

const OPENS_TRANSACTIONS = [
  'admission',
  'connector',
  'db',
  'intake',
  'delivery',
  'receipts',
  'stamping',
  'directory',
  'audit',
  'housekeeping',
  'cli',
  'sealing',
  'backup',
]
const MAX_LINES = 300

/** `src/db/pool.ts` belongs to `db`, `src/config.ts` to `config`. */
export const partOf = (path: string): string => path.split('/')[1]?.replace(/\.[^.]+$/, '') ?? ''

const isOurs = (from: string): boolean => from.startsWith('.')
const target = (path: string, from: string): string => posix.join(posix.dirname(path), from)

/** A long file or function is let through where a comment says why it is long. */
export const arguesForItself = (text: string): boolean => /\/\/ Long because \S+/.test(text)

type Rule = (file: SourceFile, found: Scan) => string[]

const importTable: Rule = ({ path }, { imports }) => {
  const part = partOf(path)
  const row = IMPORT_TABLE[part]
  if (row === undefined) return [`the part ${part} has no row in the import table`]
  const allowed = (to: string, { typeOnly }: Import) =>
    to === part || row.may.includes(to) || (typeOnly && row.types?.includes(to) === true)
  return imports
    .filter((each) => isOurs(each.from) && !allowed(partOf(target(path, each.from)), each))
    .map((each) => `${part} may not import ${each.from}${row.types ? ' (types of some parts only)' : ''}`)
}

const pureDomain: Rule = ({ path }, { imports }) =>
  partOf(path) === 'domain'
    ? imports
        .filter(({ from }) => !isOurs(from))
        .map(({ from }) => `domain imports ${from}: no packages, no I/O`)
    : []

const BEGINS_SQL =
  /^\s*(?:select\b[\s\S]*\bfrom|insert\s+into|update\s+\w+\s+set|delete\s+from|with\s+\w+\s+as\s*\(|(?:create|alter|drop)\s+(?:table|index|function|trigger)|listen\s|notify\s)/

const sqlInDb: Rule = ({ path }, { bare, strings }) => {
  if (partOf(path) === 'db') return []
  // A sentence that begins with "Select" is no SQL.
  const texts = strings.filter(
    (text) => BEGINS_SQL.test(text) || (/^\s*[A-Z]+\s/.test(text) && BEGINS_SQL.test(text.toLowerCase())),
  )
  return [
    ...texts.map((text) => `SQL outside src/db: ${text.trim().slice(0, 40)}`),
    ...(/\.\s*query\s*[(<]/.test(bare) ? ['a query is made outside src/db'] : []),
  ]
}

const environment: Rule = ({ path }, { bare, imports }) => {
  const reads =
    /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*(?:globalThis\.)?process\b/.test(
      bare,
    ) || imports.some(({ from, names }) => /^(?:node:)?process$/.test(from) && /\benv\b/.test(names))
  return reads && path !== 'src/config.ts' ? ['only src/config.ts reads the environment'] : []
}

const transactions: Rule = ({ path }, { imports }) =>
  imports
    .filter(
      ({ names }) =>
        /\b(?:inTransaction|asLeader)\b/.test(names) && !OPENS_TRANSACTIONS.includes(partOf(path)),
    )
    .map(({ from }) => `${partOf(path)} may not open transactions (${from})`)

const fileName: Rule = ({ path }) =>
  /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)+$/.test(path)
    ? []
    : ['not kebab-case']

const fileLength: Rule = ({ text }) => {
  const lines = text.trimEnd().split('\n').length
  return lines > MAX_LINES && !arguesForItself(text) ? [`${lines} lines: over ${MAX_LINES}`] : []
}

const RULES: Readonly<Record<string, Rule>> = {
  importTable,
  pureDomain,
  sqlInDb,
  environment,
  transactions,
  fileName,
  fileLength,
}

/** Every breach of the rules in these files, as `path: what`, and every circle of imports between them. */
export function breaches(files: readonly SourceFile[]): string[] {
  const found = files.map((file) => ({ file, scanned: scan(file.text) }))
  const single = found.flatMap(({ file, scanned }) =>
    Object.values(RULES).flatMap((rule) => rule(file, scanned).map((what) => `${file.path}: ${what}`)),
  )
  const graph = new Map(
    found.map(({ file, scanned }) => [
      file.path,
      scanned.imports.filter(({ from }) => isOurs(from)).map(({ from }) => target(file.path, from)),
    ]),
  )
  return [...single, ...cycles(graph)]
}

/** Each circle once, as `a -> b -> a`. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) return void found.push(`a circle: ${[...trail.slice(start), path].join(' -> ')}`)
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}
