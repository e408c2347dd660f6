import { readFile } from 'node:fs/promises'
import { listDrafts } from '../db/drafts.ts'
import { diffDraft } from '../directory/drafts/diff-draft.ts'
import { effectOf } from '../directory/drafts/effect.ts'
import { getDraft, submitDraft, withdrawDraft } from '../directory/drafts/move-draft.ts'
import { readContent } from '../directory/drafts/read-content.ts'
import { rebaseDraft } from '../directory/drafts/rebase-draft.ts'
import { createDraft, editDraft } from '../directory/drafts/write-draft.ts'
import { DRAFT_KINDS, DRAFT_STATES } from '../domain/draft.ts'
import { AS, administrator, claimed } from './administrator.ts'
import { count, oneOf, readArguments, required, uuid } from './arguments.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { say, tellDraft, tellFaults } from './draft-words.ts'
import { instant } from './instant.ts'
import { jsonLine } from './json-line.ts'
import { UsageError } from './usage-error.ts'
import { printTable, withDatabase } from './with-database.ts'

const json = { json: { type: 'boolean', default: false } } as const

/** `tram draft list`: the newest first. */
export function draftList(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    state: { type: 'string' },
    kind: { type: 'string' },
    limit: { type: 'string', default: '50' },
    ...json,
  })
  const page = {
    before: null,
    limit: count('limit', values.limit),
    ...(values.state !== undefined && { state: oneOf('state', values.state, DRAFT_STATES) }),
    ...(values.kind !== undefined && { kind: oneOf('kind', values.kind, DRAFT_KINDS) }),
  }
  return withDatabase(async (pool) => {
    const drafts = await listDrafts(pool, page)
    if (values.json) for (const draft of drafts) console.log(jsonLine(draft))
    else
      printTable(
        drafts.map(({ id, kind, state, version, authors, title }) => [
          id,
          kind,
          state,
          version,
          authors.join(','),
          title,
        ]),
      )
  })
}

/** `tram draft show ID`: with its content as JSON, where that is asked for. */
export function draftShow(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], json)
  const id = uuid(positionals[0]!)
  return withDatabase(async (pool) => {
    const draft = await getDraft(pool, id)
    if (values.json) console.log(jsonLine(draft))
    else tellDraft(draft)
  })
}

/** The list of acts or rules in a file. @throws UsageError where it is no JSON */
async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${path} is no JSON`)
  }
}

/** `tram draft create FILE`: acts, or every rule of the table, as a JSON list. */
export async function draftCreate(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['FILE'], {
    kind: { type: 'string' },
    title: { type: 'string' },
    'effective-at': { type: 'string' },
    ...AS,
  })
  const author = claimed(values.as)
  const kind = oneOf('kind', required('kind', values.kind), DRAFT_KINDS)
  const title = required('title', values.title)
  const at = values['effective-at']
  const effectiveAt = at === undefined ? null : instant('effective-at', at)
  const given = await readJson(positionals[0]!)
  return withDatabase(async (pool) => {
    const content = await readContent(kind, given)
    tellDraft(
      await createDraft({ pool }, await administrator(pool, author), { kind, title, content, effectiveAt }),
    )
  })
}

/** `tram draft edit ID FILE`: the next version, if `--version` is still the latest. */
export async function draftEdit(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID', 'FILE'], {
    version: { type: 'string' },
    title: { type: 'string' },
    ...AS,
  })
  const author = claimed(values.as)
  const id = uuid(positionals[0]!)
  const seen = count('version', required('version', values.version))
  const given = await readJson(positionals[1]!)
  return withDatabase(async (pool) => {
    const { kind } = await getDraft(pool, id)
    const content = await readContent(kind, given)
    const change = { content, ...(values.title !== undefined && { title: values.title }) }
    tellDraft(await editDraft({ pool }, await administrator(pool, author), id, seen, change))
  })
}

/** `tram draft submit ID`: the latest version; a second person approves it through the API. */
export function draftSubmit(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], AS)
  const actor = claimed(values.as)
  const id = uuid(positionals[0]!)
  return withDatabase(async (pool) => {
    const { version } = await getDraft(pool, id)
    tellDraft(await submitDraft(draftDependencies(pool), await administrator(pool, actor), id, version))
  })
}

/** `tram draft rebase ID`: onto the latest revision. */
export function draftRebase(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], AS)
  const actor = claimed(values.as)
  const id = uuid(positionals[0]!)
  return withDatabase(async (pool) => {
    const { version } = await getDraft(pool, id)
    const { draft, underneath } = await rebaseDraft(
      draftDependencies(pool),
      await administrator(pool, actor),
      id,
      version,
    )
    tellDraft(draft)
    console.log(jsonLine(underneath))
  })
}

/** `tram draft withdraw ID`: for good. */
export function draftWithdraw(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], AS)
  const actor = claimed(values.as)
  const id = uuid(positionals[0]!)
  return withDatabase(async (pool) =>
    tellDraft(await withdrawDraft(pool, await administrator(pool, actor), id)),
  )
}

/** `tram draft diff ID`: a line for each change. */
export function draftDiff(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], json)
  const id = uuid(positionals[0]!)
  return withDatabase(async (pool) => {
    const diff = await diffDraft(draftDependencies(pool), await getDraft(pool, id))
    if (values.json) return console.log(jsonLine(diff))
    diff.text.forEach(say)
    tellFaults(diff.faults)
  })
}

/** `tram draft effect ID`: what of the last days would have gone elsewhere. */
export function draftEffect(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], {
    days: { type: 'string', default: '7' },
    ...json,
  })
  const id = uuid(positionals[0]!)
  const days = count('days', values.days)
  if (days > 31) throw new UsageError('--days is 31 at most')
  return withDatabase(async (pool) => {
    const effect = await effectOf(draftDependencies(pool), await getDraft(pool, id), days)
    if (values.json) return console.log(jsonLine(effect))
    effect.text.forEach(say)
    for (const { delivery, before, after, move } of effect.sample)
      console.log(
        `  ${delivery}  ${jsonLine(before)} → ${jsonLine(after)}${move === null ? '' : `  ${jsonLine(move)}`}`,
      )
  })
}
