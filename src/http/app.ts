import { randomUUID } from 'node:crypto'
import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import type { ApiContext } from '../context.ts'
import type { Role } from '../domain/caller.ts'
import { GatewayError } from '../domain/problem.ts'
import { adminApi } from './admin-api/index.ts'
import { countRequests } from './admit.ts'
import { agencyApi } from './agency-api/index.ts'
import { collectAllowedMethods } from './allowed-methods.ts'
import { auditorApi } from './auditor-api/index.ts'
import { DOOR_PREFIXES } from './auth/audience.ts'
import { authorizationServerMetadata } from './auth/metadata.ts'
import { recordRefusals } from './auth/record-refusals.ts'
import { limitRefusals } from './auth/refusal-limit.ts'
import { tokenEndpoint } from './auth/token-endpoint.ts'
import { Connections } from './below-routing.ts'
import { createServer } from './create-server.ts'
import type { Door } from './door.ts'
import { refuseForbiddenCharacters } from './forbidden-characters.ts'
import { registerArrivalGauges } from './health/arrival-gauges.ts'
import { registerCertificateGauge } from './health/certificate-gauge.ts'
import { createMetrics } from './health/metrics.ts'
import { observe, observeEarlyRefusals } from './health/observe.ts'
import { blobsCheck, databaseCheck, registryCheck } from './health/readiness.ts'
import { registerHealth } from './health/register.ts'
import { replyWithProblem } from './problem.ts'
import { problemPages } from './problem-pages.ts'
import { EarlyRefusals } from './refuse-early.ts'
import { refuseWhileClosing, type Stopping } from './refuse-while-closing.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { lazySerializers } from './serializers.ts'
import { validatorCompiler } from './validator.ts'

const DOORS: Record<Role, Door> = { agency: agencyApi, admin: adminApi, auditor: auditorApi }

const SECOND = 1_000
const MINUTE = 60 * SECOND
const JSON_BYTES = 1_048_576

/** The HTTP server with every door, ready to listen. @throws Error where a key is not usable */
export async function buildApp(
  context: ApiContext,
  stopping: Stopping = { begun: false },
): Promise<FastifyInstance> {
  const refusals = new EarlyRefusals(context.admission, stopping)
  const app = createApp(context, refusals)
  const allowedMethods = collectAllowedMethods(app)
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(replyWithProblem)
  app.decorateRequest('caller')
  refuseWhileClosing(app, stopping)
  addSecurityHeaders(app)
  await app.register(rateLimit, rateLimitOptions(context))
  app.addHook('preParsing', countRequests(context.admission))
  refusals.watch(app)
  limitRefusals(app, context.config.http.rateLimit)
  refuseUnknownPaths(app, allowedMethods)
  recordRefusals(app, context)
  app.addHook('preValidation', refuseForbiddenCharacters)
  addHealth(app, context, { stopping, refusals })
  await app.register(problemPages)
  await app.register(tokenEndpoint, { context })
  await app.register(authorizationServerMetadata, { context })
  for (const role of Object.keys(DOORS) as Role[]) {
    await app.register(DOORS[role], { context, prefix: DOOR_PREFIXES[role] })
  }
  return app
}

function createApp({ config, log }: ApiContext, refusals: EarlyRefusals): FastifyInstance {
  const connections = new Connections()
  return fastify({
    serverFactory: (handler) =>
      createServer(config.http.tls, (response) => connections.begin(response), refusals.before(handler)),
    loggerInstance: log as FastifyBaseLogger,
    // `observe` logs one line for each answer.
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: { compilersFactory: { buildSerializer: lazySerializers() } },
    genReqId: () => randomUUID(),
    // Identity comes from TLS and tokens alone: X-Forwarded-* and Client-Cert of whoever sends them are not believed.
    trustProxy: false,
    bodyLimit: JSON_BYTES,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => void replyWithProblem(error, request, reply),
    clientErrorHandler: (error, socket) => connections.refuse(error, socket),
  })
}

/** Before anything of a body is read: what is sent to nowhere is not looked at. */
function refuseUnknownPaths(app: FastifyInstance, allowedMethods: (path: string) => string[]): void {
  const refuse = async (request: FastifyRequest, reply: FastifyReply): Promise<never> => {
    await app.countRefusal(request)
    const allowed = allowedMethods(request.url.split('?', 1)[0] ?? '')
    if (allowed.length === 0) throw new GatewayError('not-found')
    reply.header('allow', allowed.join(', '))
    throw new GatewayError('method-not-allowed')
  }
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) refuse(request, reply).catch(done)
    else done()
  })
}

/** Administrators and auditors by client, once it is known who it is (preParsing follows authentication); by address (IPv6: /64) where nobody asks. */
const rateLimitOptions = ({ config }: ApiContext) =>
  ({
    max: config.http.rateLimit,
    timeWindow: MINUTE,
    cache: 10_000,
    hook: 'preParsing',
    // Agencies are counted over all processes.
    allowList: (request) => request.caller?.role === 'agency',
    keyGenerator: (request) =>
      request.caller ? `client ${request.caller.clientId}` : normalizeIP(request.ip),
    errorResponseBuilder: (_request, { ttl }) =>
      new GatewayError('rate-limited', { retryAfter: Math.ceil(ttl / SECOND) }),
  }) satisfies Parameters<typeof rateLimit>[1]

function addHealth(
  app: FastifyInstance,
  context: ApiContext,
  { stopping, refusals }: { readonly stopping: Stopping; readonly refusals: EarlyRefusals },
): void {
  const { config, pool, blobs, log } = context
  const metrics = createMetrics(pool, (error) => log.warn({ err: error }, 'the gauges could not be read'))
  registerCertificateGauge(metrics.registry, context)
  registerArrivalGauges(metrics.registry, context)
  observe(app, metrics)
  refusals.onRefusal = observeEarlyRefusals(metrics)
  registerHealth(app, {
    checks: [databaseCheck(pool, config.mode), registryCheck(context.registry), blobsCheck(blobs)],
    registry: metrics.registry,
    isStopping: () => stopping.begun,
  })
}
