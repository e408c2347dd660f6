import type { Bilingual } from './bilingual.ts'
import type { Fault } from './fault.ts'

/** What a validator of JSON schemas says of one place of a value. */
export interface SchemaFinding {
  /** The keyword of the schema that does not hold. */
  readonly keyword: string
  /** JSON pointer of the place, empty for the whole. */
  readonly instancePath: string
  readonly params: object
  readonly message?: string
}

/** Faults beyond these are not told: whoever has more of them has the wrong schema. */
export const MOST_SCHEMA_FAULTS = 100

/** So many findings a validator is to give: some are told by a sharper one beside them. */
export const MOST_FINDINGS = 2 * MOST_SCHEMA_FAULTS

/**
 * What a validator found as faults in both languages, each with what would be right; a fault of an object that is about
 * some of its fields is told of each of them. Never an empty list.
 * @param where a JSON pointer, such as `#/body`, that the paths are put behind
 */
export function schemaFaults(findings: readonly SchemaFinding[], where: string): Fault[] {
  // "No schema allows this" is said of a field that `additionalProperties` names too, if the validator came that far.
  const named = findings.filter(({ keyword }) => keyword !== 'boolean')
  const told = named.length > 0 ? named : findings.map((one) => ({ ...one, keyword: 'additionalProperties' }))
  const faults = told.flatMap((finding) => faultsOf(finding, where))
  // Whoever asks has a value that was refused: without a fault it would pass for a good one.
  return faults.length > 0 ? faults.slice(0, MOST_SCHEMA_FAULTS) : faultsOf(UNNAMED, where)
}

const UNNAMED: SchemaFinding = { keyword: 'mismatch', instancePath: '', params: {} }

function faultsOf(finding: SchemaFinding, where: string): Fault[] {
  const { keyword, instancePath } = finding
  const expected = expectedBy(finding)
  const words = WORDS[keyword]?.(expected ?? '') ?? otherwise(finding)
  const fault = (path: string): Fault => ({
    code: `schema-${keyword.replace(/\W/g, '').toLowerCase()}`,
    severity: 'error',
    path,
    ...(expected !== undefined && { expected }),
    hint: words,
  })
  const fields = fieldsOf(finding)
  const path = `${where}${instancePath}`
  return fields.length === 0 ? [fault(path)] : fields.map((field) => fault(`${path}/${pointerToken(field)}`))
}

/** RFC 6901. A field's name is the caller's, and may be anything. */
const pointerToken = (name: string): string => name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1')

/** What would be right, without words: a number, a pattern, the values that may stand there. */
function expectedBy({ params }: SchemaFinding): string | undefined {
  const value = EXPECTED.map((name) => new Map(Object.entries(params)).get(name)).find(
    (one) => one !== undefined,
  )
  if (value === undefined) return undefined
  return Array.isArray(value) ? value.map(String).join(', ') : String(value)
}

const EXPECTED = ['allowedValues', 'allowedValue', 'limit', 'pattern', 'format', 'type', 'multipleOf']

function fieldsOf({ keyword, params }: SchemaFinding): readonly string[] {
  const names = new Map(Object.entries(params)).get(FIELDS[keyword] ?? '')
  return Array.isArray(names) ? names.slice(0, MOST_SCHEMA_FAULTS).map(String) : []
}

const FIELDS: Record<string, string | undefined> = {
  required: 'requiredProperties',
  additionalProperties: 'additionalProperties',
}

const FORMATS: Record<string, Bilingual | undefined> = {
  date: { vi: 'ngày có thật, dạng 2025-07-01', en: 'a day that exists, such as 2025-07-01' },
  'date-time': {
    vi: 'thời điểm, dạng 2025-07-01T00:00:00+07:00',
    en: 'an instant, such as 2025-07-01T00:00:00+07:00',
  },
}

const TYPES: Record<string, Bilingual | undefined> = {
  string: { vi: 'chuỗi ký tự', en: 'a string' },
  integer: { vi: 'số nguyên', en: 'a whole number' },
  number: { vi: 'số', en: 'a number' },
  boolean: { vi: 'true hoặc false', en: 'true or false' },
  array: { vi: 'danh sách', en: 'a list' },
  object: { vi: 'đối tượng', en: 'an object' },
  null: { vi: 'null', en: 'null' },
}

const WORDS: Record<string, ((expected: string) => Bilingual) | undefined> = {
  required: () => ({ vi: 'Thiếu trường này.', en: 'This field must be given.' }),
  additionalProperties: () => ({ vi: 'Không có trường nào tên như vậy.', en: 'There is no such field.' }),
  enum: (values) => ({ vi: `Phải là một trong: ${values}.`, en: `It is one of: ${values}.` }),
  const: (value) => ({ vi: `Phải là ${value}.`, en: `It must be ${value}.` }),
  type: (type) => ({
    vi: `Phải là ${TYPES[type]?.vi ?? type}.`,
    en: `It must be ${TYPES[type]?.en ?? type}.`,
  }),
  format: (format) => ({
    vi: `Phải là ${FORMATS[format]?.vi ?? `giá trị dạng ${format}`}.`,
    en: `It must be ${FORMATS[format]?.en ?? `of the format ${format}`}.`,
  }),
  pattern: (pattern) => ({ vi: `Phải khớp với mẫu ${pattern}`, en: `It must match the pattern ${pattern}` }),
  minLength: (limit) => ({ vi: `Cần ít nhất ${limit} ký tự.`, en: `It has at least ${limit} characters.` }),
  maxLength: (limit) => ({ vi: `Tối đa ${limit} ký tự.`, en: `It has at most ${limit} characters.` }),
  minItems: (limit) => ({ vi: `Cần ít nhất ${limit} mục.`, en: `It has at least ${limit} items.` }),
  maxItems: (limit) => ({ vi: `Tối đa ${limit} mục.`, en: `It has at most ${limit} items.` }),
  minimum: (limit) => ({ vi: `Không nhỏ hơn ${limit}.`, en: `It is not below ${limit}.` }),
  maximum: (limit) => ({ vi: `Không lớn hơn ${limit}.`, en: `It is not above ${limit}.` }),
  uniqueItems: () => ({ vi: 'Các mục không được trùng nhau.', en: 'No item stands there twice.' }),
  anyOf: () => ({ vi: 'Không thuộc dạng nào được phép.', en: 'It has none of the forms that are allowed.' }),
}

const otherwise = ({ keyword, message = keyword }: SchemaFinding): Bilingual => ({
  vi: `Giá trị không đúng lược đồ (${keyword}).`,
  en: `The value does not fit the schema: ${message}.`,
})
