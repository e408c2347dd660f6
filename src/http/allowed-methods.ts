import type { FastifyInstance } from 'fastify'

/**
 * Collects the routes of an application as they are added, and tells which methods a path knows, so that a known path
 * with another method is answered 405 with Allow (RFC 9110 §15.5.6).
 */
export function collectAllowedMethods(app: FastifyInstance): (path: string) => string[] {
  const methodsByPattern = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.retired) return
    const methods = methodsByPattern.get(url) ?? new Set()
    methodsByPattern.set(url, methods)
    for (const one of [method].flat()) methods.add(one)
  })
  return (path) => {
    const allowed = [...methodsByPattern]
      .filter(([pattern]) => fits(pattern, path))
      .flatMap(([, methods]) => [...methods])
    return [...new Set(allowed)].sort()
  }
}

/** Whether a path is of the shape of a route such as `/v1/documents/:document`. */
function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.split('/')
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]))
  )
}
