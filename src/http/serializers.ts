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
        serialize ??= compile(route)
        return serialize(answer)
      }
    }
  }
}
