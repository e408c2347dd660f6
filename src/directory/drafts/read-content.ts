import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { Settings } from 'typebox/system'
import type { ActName } from '../../domain/directory/act.ts'
import type { DraftContents, DraftKind } from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import { GatewayError } from '../../domain/problem.ts'
import { MOST_FINDINGS, MOST_SCHEMA_FAULTS, schemaFaults } from '../../domain/schema-fault.ts'
import { inSlices, type Sliced } from '../slices.ts'
import { ACT_SHAPES } from './act-shapes.ts'
import { composedTexts } from './composed-texts.ts'
import { RULE_SHAPE } from './rule-shape.ts'

/** Items of one draft. A whole new directory is seeded, not drafted. */
export const MOST_ITEMS: Record<DraftKind, number> = { directory: 20_000, routing: 20_000 }

// By itself it stops at eight.
Settings.Set({ maxErrors: MOST_FINDINGS })

const compiled = new Map<TSchema, Validator>()

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema) ?? Compile(schema)
  compiled.set(schema, known)
  return known
}

/** The shape that an item claims to have; undefined where it names no act that there is. */
const SHAPE_OF: { readonly [K in DraftKind]: (item: unknown) => TSchema | undefined } = {
  directory: (item) => {
    const name = typeof item === 'object' && item !== null && 'act' in item ? item.act : undefined
    return typeof name === 'string' && Object.hasOwn(ACT_SHAPES, name)
      ? ACT_SHAPES[name as ActName]
      : undefined
  },
  routing: () => RULE_SHAPE,
}

/**
 * The content of a draft as it was handed in, with its texts composed (NFC), if every item has the shape of its kind;
 * whether it fits the directory is asked when it is submitted.
 * @throws GatewayError `request-invalid` with what is wrong, a hundred faults at most
 */
export const readContent = <K extends DraftKind>(
  kind: K,
  given: unknown,
): Promise<readonly DraftContents[K][]> => inSlices(readingContent(kind, given))

function* readingContent<K extends DraftKind>(kind: K, given: unknown): Sliced<readonly DraftContents[K][]> {
  if (!Array.isArray(given) || given.length > MOST_ITEMS[kind])
    throw new GatewayError('request-invalid', { faults: [wrongList(MOST_ITEMS[kind])] })
  const faults: Fault[] = []
  const items: DraftContents[K][] = []
  for (const [index, item] of given.entries()) {
    const composed = composedTexts(item)
    if (isItem(kind, composed, `#/content/${index}`, faults)) items.push(composed)
    if (faults.length >= MOST_SCHEMA_FAULTS) break
    yield
  }
  if (faults.length === 0) return items
  throw new GatewayError('request-invalid', { faults: faults.slice(0, MOST_SCHEMA_FAULTS) })
}

function isItem<K extends DraftKind>(
  kind: K,
  item: unknown,
  path: string,
  faults: Fault[],
): item is DraftContents[K] {
  const found = itemFaults(kind, item, path)
  faults.push(...found)
  return found.length === 0
}

function itemFaults(kind: DraftKind, item: unknown, path: string): Fault[] {
  const schema = SHAPE_OF[kind](item)
  if (schema === undefined) return [unknownAct(path, item)]
  const validator = validatorOf(schema)
  if (validator.Check(item)) return []
  return schemaFaults(validator.Errors(item), path)
}

function unknownAct(path: string, item: unknown): Fault {
  const named =
    typeof item === 'object' && item !== null && 'act' in item ? String(item.act).slice(0, 100) : undefined
  const known = Object.keys(ACT_SHAPES).join(', ')
  return {
    code: 'act-unknown',
    severity: 'error',
    path: `${path}/act`,
    ...(named !== undefined && { found: named }),
    expected: known,
    hint: { vi: `Hành vi phải là một trong: ${known}.`, en: `An act is one of: ${known}.` },
  }
}

const wrongList = (most: number): Fault => ({
  code: 'content-no-list',
  severity: 'error',
  path: '#/content',
  expected: `0…${most}`,
  hint: {
    vi: `Nội dung là danh sách gồm tối đa ${most} mục.`,
    en: `The content is a list of at most ${most} items.`,
  },
})
