import {
  type SerializerFactory as BuildSerializers,
  SerializerSelector,
} from '@fastify/fast-json-stringify-compiler'

const MANIFOLD: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'if', 'not'])

/**
 * Serializers of answers, each compiled when the first answer of its kind is given: to compile those of all operations
 * takes longer than everything else at the start of a process, and a process answers few kinds in its first seconds.
 */
export function lazySerializers(): BuildSerializers {
  const select = SerializerSelector()
  return (externalSchemas, options) => {
    const compile = select(externalSchemas, options)
    return (route) => {
      let serialize: ReturnType<typeof compile> | undefined
      return (answer: unknown) => {
        serialize ??= compile({ ...route, schema: withoutValidator(route.schema) })
        return serialize(answer)
      }
    }
  }
}

/** Where another union is left, a validator is needed, and that one knows no `nullable` beside what has no type. */
function withoutValidator(schema: unknown): unknown {
  const fields = withNullableFields(schema)
  return holdsUnion(fields) ? schema : fields
}

export const holdsUnion = (schema: unknown): boolean =>
  typeof schema === 'object' &&
  schema !== null &&
  Object.entries(schema).some(([name, value]) => MANIFOLD.has(name) || holdsUnion(value))

/**
 * The same schema with `nullable: true` in the place of each union with null. For a union, a serializer asks a validator
 * at each field of each answer which of its members is meant, and that is compiled first: many times what all else takes.
 */
export function withNullableFields(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNullableFields)
  if (typeof schema !== 'object' || schema === null) return schema
  const fields = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, withNullableFields(value)]),
  )
  const { anyOf, ...others } = fields
  const member = memberBesideNull(anyOf)
  return member === undefined ? fields : { ...member, ...others, nullable: true }
}

/** The other member of a union with null, where that is of one kind. */
function memberBesideNull(anyOf: unknown): object | undefined {
  if (!Array.isArray(anyOf) || anyOf.length !== 2 || anyOf[1]?.type !== 'null') return undefined
  const [member] = anyOf
  return '$ref' in member || holdsUnion(member) ? undefined : member
}
