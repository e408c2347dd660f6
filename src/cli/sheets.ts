import { createWriteStream } from 'node:fs'
import { basename, extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { currentRoutingTable, findRoutingTable } from '../db/routing.ts'
import { getAgency } from '../directory/agencies.ts'
import type { Actor } from '../directory/drafts/dependencies.ts'
import { directorySheet, routingSheet } from '../directory/drafts/export-sheets.ts'
import { importSheet, previewImport } from '../directory/drafts/import-sheet.ts'
import { readRegistry } from '../directory/snapshot/read-registry.ts'
import type { DraftKind } from '../domain/draft.ts'
import { hasErrors } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { SHEET_FORMATS, type SheetFormat } from '../sheets/formats.ts'
import { SHEET_LIMITS } from '../sheets/limits.ts'
import { beyond } from '../sheets/refuse.ts'
import type { SheetToWrite } from '../sheets/xlsx/write-xlsx.ts'
import { AS, administrator, claimed } from './administrator.ts'
import { count, day, oneOf, readArguments, uuid } from './arguments.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { say, tellDraft, tellFaults } from './draft-words.ts'
import { readBounded } from './read-bounded.ts'
import { UsageError } from './usage-error.ts'
import { withDatabase } from './with-database.ts'

const LANGUAGES = { vi: true, en: true } as const
const DELIMITERS = { ',': true, ';': true } as const

const EXPORT_OPTIONS = {
  lang: { type: 'string', default: 'vi' },
  delimiter: { type: 'string', default: ',' },
} as const

/** `tram routing export FILE`: the table in force, or one revision of it, as CSV or XLSX by the name of the file. */
export function routingExport(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['FILE'], {
    ...EXPORT_OPTIONS,
    revision: { type: 'string' },
  })
  const revision = values.revision === undefined ? undefined : count('revision', values.revision)
  const language = oneOf('lang', values.lang, LANGUAGES)
  return withDatabase(async (pool) => {
    const table =
      revision === undefined ? await currentRoutingTable(pool) : await findRoutingTable(pool, revision)
    if (table === undefined) throw new GatewayError('not-found')
    await write(positionals[0]!, routingSheet(table.rules, language), values.delimiter)
    say({
      vi: `bản ${table.revision}, ${table.rules.length} quy tắc`,
      en: `revision ${table.revision}, ${table.rules.length} rules`,
    })
  })
}

/** `tram directory export FILE`: the agencies of a day. */
export function directoryExport(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['FILE'], {
    ...EXPORT_OPTIONS,
    on: { type: 'string' },
    under: { type: 'string' },
    closed: { type: 'boolean', default: false },
  })
  const language = oneOf('lang', values.lang, LANGUAGES)
  const asked = values.on === undefined ? undefined : day('on', values.on)
  return withDatabase(async (pool) => {
    const { directory } = await readRegistry(pool)
    const on = asked ?? vietnamDay(await databaseNow(pool))
    const under =
      values.under === undefined ? undefined : getAgency({ directory, day: on }, values.under).code
    await write(
      positionals[0]!,
      directorySheet(directory, on, { under, closed: values.closed }, language),
      values.delimiter,
    )
    say({ vi: `ngày ${on}, bản ${directory.revision}`, en: `day ${on}, revision ${directory.revision}` })
  })
}

const IMPORT_OPTIONS = {
  title: { type: 'string' },
  base: { type: 'string' },
  sheet: { type: 'string' },
  draft: { type: 'string' },
  version: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  ...AS,
} as const

/** `tram routing import FILE`: a draft of the whole table. */
export function routingImport(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['FILE'], IMPORT_OPTIONS)
  return runImport('routing', positionals[0]!, values, {})
}

/** `tram directory import FILE`: a draft of what distinguishes the file from the directory. */
export function directoryImport(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['FILE'], {
    ...IMPORT_OPTIONS,
    on: { type: 'string' },
    complete: { type: 'boolean', default: false },
  })
  const on = values.on === undefined ? undefined : day('on', values.on)
  return runImport('directory', positionals[0]!, values, { on, closeMissing: values.complete })
}

interface ImportValues {
  readonly title?: string | undefined
  readonly base?: string | undefined
  readonly sheet?: string | undefined
  readonly draft?: string | undefined
  readonly version?: string | undefined
  readonly 'dry-run': boolean
  readonly as?: string | undefined
}

async function runImport(
  kind: DraftKind,
  file: string,
  values: ImportValues,
  wishes: { readonly on?: string | undefined; readonly closeMissing?: boolean },
): Promise<number> {
  const format = SHEET_FORMATS[formatOf(file)]
  const given = { kind, title: values.title ?? basename(file).slice(0, 500), ...targetOf(values), ...wishes }
  // A dry run writes nothing, in nobody's name.
  const author = values['dry-run'] ? null : claimed(values.as)
  let isRefused = false
  const code = await withDatabase(async (pool) => {
    const bytes = await readBounded(file, SHEET_LIMITS.fileBytes)
    if (bytes === undefined) throw beyond('fileBytes', SHEET_LIMITS.fileBytes)
    const sheet = await format.read(bytes, values.sheet)
    isRefused = await (author === null
      ? tellPreview(pool, { ...given, sheet })
      : tellImport(pool, await administrator(pool, author), { ...given, sheet }))
  })
  return isRefused ? 1 : code
}

type Given = Parameters<typeof importSheet>[2]

/** @returns whether something refuses the draft */
async function tellPreview(pool: Pool, given: Given): Promise<boolean> {
  const { diff, closedAsMissing, isSame } = await previewImport(draftDependencies(pool), given)
  tellDiff(diff, closedAsMissing)
  if (isSame) say(SAME)
  say({ vi: 'Chạy thử: không ghi gì.', en: 'A dry run: nothing was written.' })
  return hasErrors(diff.faults)
}

async function tellImport(pool: Pool, author: Actor, given: Given): Promise<boolean> {
  const { draft, diff, closedAsMissing } = await importSheet(draftDependencies(pool), author, given)
  tellDiff(diff, closedAsMissing)
  if (draft === null) say(SAME)
  else tellDraft(draft)
  return hasErrors(diff.faults)
}

const SAME = { vi: 'Tệp giống điều đang có hiệu lực.', en: 'The file says what is in force.' }

function tellDiff(diff: Awaited<ReturnType<typeof previewImport>>['diff'], closedAsMissing: number): void {
  diff.text.forEach(say)
  if (closedAsMissing > 0)
    say({
      vi: `--complete: ${closedAsMissing} cơ quan bị kết thúc chỉ vì không có dòng trong tệp`,
      en: `--complete: ${closedAsMissing} agencies close only because they have no row`,
    })
  tellFaults(diff.faults)
}

function targetOf({ base, draft, version }: ImportValues) {
  if ((draft === undefined) !== (version === undefined))
    throw new UsageError('--draft and --version go together')
  return {
    ...(base !== undefined && { base: count('base', base) }),
    ...(draft !== undefined &&
      version !== undefined && { draft: { id: uuid(draft), version: count('version', version) } }),
  }
}

const formatOf = (file: string): SheetFormat =>
  oneOf('FILE', extname(file).slice(1).toLowerCase(), SHEET_FORMATS)

async function write(file: string, sheet: SheetToWrite, delimiter: string): Promise<void> {
  const format = SHEET_FORMATS[formatOf(file)]
  await pipeline(format.write(sheet, oneOf('delimiter', delimiter, DELIMITERS)), createWriteStream(file))
}
