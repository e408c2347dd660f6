import {
  type SerializerFactory as BuildSerializers,
  SerializerSelector,
} from '@fastify/fast-json-stringify-compiler'

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
        serialize ??= compile({ ...route, schema: withNullableFields(route.schema) })
        return serialize(answer)
      }
    }
  }
}

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
  return MANIFOLD.some((keyword) => keyword in member) ? undefined : member
}

const MANIFOLD = ['anyOf', 'oneOf', 'allOf', '$ref', 'if', 'not'] as const
