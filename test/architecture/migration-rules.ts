/** A migration by its file name, without the folder. */
export interface MigrationFile {
  readonly name: string
  readonly text: string
}

/** Tables that may hold millions of rows: what reads or rewrites one whole must not keep others from it meanwhile. */
export const LARGE_TABLES = [
  'document',
  'delivery',
  'attempt',
  'audit_event',
  'outbox',
  'signature_evidence',
  'seal_level',
  'document_reference',
  'axis_packet',
  'axis_packet_status',
  'axis_arrival',
  'small_blob',
]

/** The last migration that was written before these rules. */
const LAST_BEFORE = '0023'

interface Rule {
  readonly breaks: (statement: string, file: { readonly inSteps: boolean; readonly text: string }) => boolean
  readonly instead: string
}

const LARGE = `(?:${LARGE_TABLES.join('|')})\\b`
const pattern = (text: string): RegExp => new RegExp(text.replaceAll('LARGE', LARGE), 'i')
const matches = (text: string) => {
  const expression = pattern(text)
  return (statement: string) => expression.test(statement)
}
const isIndex = matches('^create (?:unique )?index (?!concurrently).* on LARGE')
const isConcurrent = matches('^(?:create (?:unique )?|drop )index concurrently')
const isConstraint = matches('^alter table LARGE.* add (?:constraint \\w+ )?(?:check|foreign key|references)')
const isBackfill = matches('^(?:update|delete from) LARGE')

/** What a migration must not do beside processes of the release before. ADR 31 has the reasons. */
const RULES: readonly Rule[] = [
  { breaks: isIndex, instead: 'create index concurrently, in a step of its own' },
  {
    breaks: (statement, { inSteps }) => isConcurrent(statement) && !inSteps,
    instead: 'what is done concurrently is a step of its own: begin it by a line -- Step',
  },
  {
    breaks: (statement, { text }) => {
      const name = /^create (?:unique )?index concurrently (?:if not exists )?(\w+)/i.exec(statement)?.[1]
      return name !== undefined && !text.includes(`drop index concurrently if exists ${name};`)
    },
    instead: 'drop index concurrently if exists before it: one that was cut off is there, and not valid',
  },
  {
    breaks: (statement) => isConstraint(statement) && !/not valid/i.test(statement),
    instead: 'add the constraint as not valid, and validate it in a later step',
  },
  {
    breaks: matches('^alter table LARGE.* add (?:column )?(?:if not exists )?\\w+ [^,]*default [^,]*\\('),
    instead:
      'add the column without a default, set the default, then fill it in batches: this rewrites the table',
  },
  {
    breaks: (statement, { inSteps }) => isBackfill(statement) && !(inSteps && /limit \d+/i.test(statement)),
    instead: 'fill in batches: a step until it changes nothing, with a limit',
  },
  {
    breaks: (statement) =>
      isBackfill(statement) && !/ id > \$1::uuid order by id limit .* returning id$/i.test(statement),
    instead: 'go on behind the greatest id that was filled (id > $1::uuid … returning id)',
  },
  {
    breaks: matches('^alter table LARGE.* alter (?:column )?\\w+ (?:set data )?type'),
    instead: 'add a column of the new type and fill it in batches: this rewrites the table',
  },
  {
    breaks: matches('^alter (?:table|index|view) .* rename'),
    instead: 'add what is new beside it: the release before knows the old name',
  },
  {
    breaks: (statement, { text }) =>
      /^(?:drop table|alter table .* drop column)/i.test(statement) && !/^-- Contract:/m.test(text),
    instead: 'say in a line -- Contract: since which release nobody reads or writes it',
  },
  {
    breaks: matches('^(?:lock table|vacuum full|cluster|truncate LARGE|reindex (?!.*concurrently))'),
    instead: 'nothing that locks a whole table for as long as it takes',
  },
]

/** Statements without comments, in one line each. Bodies of functions come apart, and break no rule by that. */
const statementsOf = (text: string): string[] =>
  text
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter(Boolean)

/** Where a migration would hold up the release that serves meanwhile. */
export function migrationFaults({ name, text }: MigrationFile): string[] {
  if (name.slice(0, 4) <= LAST_BEFORE) return []
  const made = [...text.matchAll(/create table (?:if not exists )?(\w+)/gi)].map(([, table]) => table)
  const file = { inSteps: /^-- Step/m.test(text), text }
  // A table that is made here is empty.
  const concerned = statementsOf(text).filter(
    (statement) => !made.some((table) => new RegExp(`\\b(?:on|table) ${table}\\b`, 'i').test(statement)),
  )
  return concerned.flatMap((statement) =>
    RULES.filter(({ breaks }) => breaks(statement, file)).map(
      ({ instead }) => `${name}: ${statement.slice(0, 80)}: ${instead}`,
    ),
  )
}
