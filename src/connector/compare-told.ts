import type { Sliced } from '../directory/slices.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import type { Act } from '../domain/directory/act.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { type ComparingTold, isHomeIn } from './comparing-told.ts'
import { establishTold } from './establish-told.ts'
import { type SyncRemark, syncRemark } from './sync-remarks.ts'
import { readTold, type ToldAgency, type ToldDirectory } from './told-agencies.ts'
import { findHere, type ToldHere } from './told-here.ts'

export interface ComparedTold {
  /** Those that begin first, each after who is above it; those that end last. */
  readonly acts: readonly Act[]
  /** What no act is made of. */
  readonly remarks: readonly SyncRemark[]
}

/**
 * What would make the directory say what another exchange tells: who is new there, goes by another name, stands
 * elsewhere, has another code, or is told to have been deleted. Who is not on its lists is not touched: lists come cut
 * off. Pure.
 */
export function* compareTold(told: ToldDirectory, comparing: ComparingTold): Sliced<ComparedTold> {
  const { directory, day } = comparing
  const remarks: SyncRemark[] = []
  const tell = (remark: SyncRemark) => void remarks.push(remark)
  const agencies = yield* readTold(told, tell)
  const here = yield* findHere(agencies, directory, day, tell)
  const established = yield* establishTold(here, comparing, tell)
  const beginning = new Set(established.map(({ code }) => code))
  const changes: Act[] = []
  for (const [code, agency] of here.known) {
    changes.push(...changesOf(code, agency, { ...comparing, here, beginning }, tell))
    yield
  }
  const endings = yield* endingsOf(told, here, comparing, tell)
  return { acts: [...established, ...changes, ...endings], remarks }
}

interface Changing extends ComparingTold {
  readonly here: ToldHere
  /** Who begins with the same draft. */
  readonly beginning: ReadonlySet<AgencyCode>
}

function changesOf(
  code: AgencyCode,
  told: ToldAgency,
  changing: Changing,
  tell: (remark: SyncRemark) => void,
): Act[] {
  const { directory, day } = changing
  const objection = objectionTo(code, directory, day)
  if (objection !== undefined) {
    tell(syncRemark(objection, code))
    return []
  }
  const acts = [...renamed(code, told, changing), ...moved(code, told, changing, tell)]
  const all = [...acts, ...addedAliases(code, told, changing)]
  if (all.length === 0 || !isHomeIn(changing)(code)) return all
  if (acts.length > 0) tell(syncRemark('told-of-home', code))
  return []
}

function objectionTo(code: AgencyCode, directory: DirectorySnapshot, day: string) {
  if (directory.isGroup(code)) return 'told-group'
  if (directory.isOpen(code, day)) return undefined
  const existence = directory.nearest(code, 'existence', day)
  return existence !== undefined && existence.validFrom > day ? 'told-not-begun-here' : 'told-closed-here'
}

function renamed(code: AgencyCode, { name }: ToldAgency, { directory, day }: ComparingTold): Act[] {
  const now = directory.agency(code, day)?.name.normalize('NFC').replaceAll(/\s+/g, ' ')
  return now === name ? [] : [{ act: 'rename', on: day, code, name }]
}

/** Where nobody is told to be above, nothing is said of its place. */
function moved(
  code: AgencyCode,
  { above }: ToldAgency,
  changing: Changing,
  tell: (remark: SyncRemark) => void,
): Act[] {
  const { directory, day, here, beginning } = changing
  if (above === null) return []
  const parent = above === undefined ? undefined : here.codeHere.get(above)
  const canBe = parent !== undefined && (directory.isOpen(parent, day) || beginning.has(parent))
  // Above who has closed here, another exchange names who is left above.
  const now = directory.agency(code, day)?.parent ?? null
  const left = directory.ancestors(code, day).find((one) => directory.isOpen(one, day))
  if (parent !== undefined && (parent === now || parent === left)) return []
  if (!canBe || parent === code) tell(syncRemark('told-parent-unknown', code))
  else if (isHomeIn(changing)(parent) && !isHomeIn(changing)(code))
    tell(syncRemark('told-beneath-home', code))
  else return [{ act: 'move', on: day, code, parent }]
  return []
}

function addedAliases(code: AgencyCode, told: ToldAgency, { directory, day, beginning }: Changing): Act[] {
  return [told.code, ...told.spellings]
    .filter((alias) => directory.codeOf(alias, day) === undefined && !beginning.has(alias as AgencyCode))
    .map((alias) => ({ act: 'add-alias', on: day, code, alias, form: 'code102' }))
}

/** Those that are told to be deleted, by their own codes: what an alias leads to is another agency. */
function* endingsOf(
  { units }: ToldDirectory,
  { known }: ToldHere,
  comparing: ComparingTold,
  tell: (remark: SyncRemark) => void,
): Sliced<Act[]> {
  const { directory, day, home } = comparing
  const isHome = isHomeIn(comparing)
  const aboveHome = new Set(home.flatMap((one) => directory.ancestors(one, day)))
  const living = new Set(units.filter(({ deleted }) => !deleted).map(({ code }) => code))
  const ended = new Map<AgencyCode, Act>()
  for (const { code: text, deleted } of units) {
    yield
    const code = text as AgencyCode
    if (!deleted || !directory.isOpen(code, day)) continue
    if (known.has(code) || living.has(code)) tell(syncRemark('told-end-contradicted', code))
    else if (isHome(code)) tell(syncRemark('told-of-home', code))
    else if (aboveHome.has(code)) tell(syncRemark('told-end-above-home', code))
    else ended.set(code, { act: 'close', on: day, code, successor: null })
  }
  return [...ended.values()]
}
