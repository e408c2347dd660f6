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
import { AXIS_OPERATIONS, type AxisOperation, axisOperation } from '../../axis/operations.ts'
import type { ApiContext, AxisSystems } from '../../context.ts'
import { GatewayError, PROBLEMS } from '../../domain/problem.ts'
import { admitter } from '../admit.ts'
import { recordRefusals } from '../auth/record-refusals.ts'
import { limitRefusals } from '../auth/refusal-limit.ts'
import { createServer } from '../create-server.ts'
import { toGatewayError } from '../problem.ts'
import { refuseWhileClosing, type Stopping } from '../refuse-while-closing.ts'
import { failure, sendAnswer } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { authenticate } from './authenticate.ts'
import { drain } from './drain.ts'
import { type HeaderBudget, headerBudget } from './header-budget.ts'
import { AXIS_HANDLERS } from './operations.ts'
import { unreadableHandler } from './unreadable.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set where a request of the axis door is authenticated. */
    asking: Asking | null
  }
}

const MINUTE = 60_000
/** 600 recipients stand in one header, and once more in the one that is signed. */
const HEADER_BYTES = 1_048_576

export interface AxisAppOptions {
  readonly systems: AxisSystems
  readonly tls: NonNullable<ApiContext['config']['axis']>['tls']
  /** Requests of one system in one minute. */
  readonly rateLimit: number
  readonly stopping?: Stopping
  /** The clock by which the times of requests are judged; this machine's where left out. */
  readonly now?: () => Date
  /** Bytes of headers of which nobody knows yet who sends them, all together. */
  readonly mostHeaderBytes?: number
}

/**
 * The axis door: what document-management systems call as they call the national axis, on a listener of its own. Every
 * answer is JSON, whatever went wrong: clients take a page of another kind for "no documents".
 */
export async function buildAxisApp(
  context: ApiContext,
  {
    systems,
    tls,
    rateLimit: most,
    now = () => new Date(),
    mostHeaderBytes,
    stopping = { begun: false },
  }: AxisAppOptions,
): Promise<FastifyInstance> {
  const surroundings: AxisSurroundings = {
    context,
    findSystem: systems.find,
    admit: admitter(context.admission),
    now,
  }
  const budget = headerBudget(HEADER_BYTES, mostHeaderBytes)
  const app = createApp(context, tls, budget)
  app.decorateRequest('caller')
  app.decorateRequest('asking', null)
  app.setErrorHandler(replyWithFailure)
  // Bodies are read by whoever needs them.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  refuseWhileClosing(app, stopping)
  await app.register(rateLimit, rateLimitOptions(most))
  limitRefusals(app, most)
  recordRefusals(app, context)
  app.addHook('onRequest', async (request) => {
    request.asking = await authenticated(app, request, surroundings)
    budget.prove(request.raw.socket)
  })
  app.all('/*', async (request, reply) => {
    const { operation, asking } = asked(request)
    return sendAnswer(reply, await AXIS_HANDLERS[operation](asking, surroundings))
  })
  // Methods that the framework does not know.
  app.setNotFoundHandler((request, reply) =>
    replyWithFailure(new GatewayError('method-not-allowed'), request, reply),
  )
  return app
}

function createApp({ log }: ApiContext, tls: AxisAppOptions['tls'], budget: HeaderBudget): FastifyInstance {
  return fastify({
    serverFactory: (handler) => {
      // Node answers a request without Host by itself, and without JSON.
      const limits = { maxHeaderSize: HEADER_BYTES, requireHostHeader: false }
      const server = createServer(tls, () => undefined, handler, limits)
      budget.watch(server)
      // Expectations other than 100-continue are not met and not asked about: Node would answer without JSON.
      return server.on('checkExpectation', handler)
    },
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    trustProxy: false,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => void replyWithFailure(error, request, reply),
    clientErrorHandler: unreadableHandler(),
  })
}

const operationOf = ({ url }: FastifyRequest): AxisOperation | undefined => axisOperation(url)

/** What is asked for, and by whom; what nobody is served is told before a byte of the body is read. */
async function authenticated(
  app: FastifyInstance,
  request: FastifyRequest,
  surroundings: AxisSurroundings,
): Promise<Asking> {
  const operation = operationOf(request)
  try {
    if (operation === undefined) throw new GatewayError('not-found')
    if (request.method !== AXIS_OPERATIONS[operation].method) throw new GatewayError('method-not-allowed')
    return await authenticate(request, surroundings)
  } catch (error) {
    await app.countRefusal(request)
    throw error
  }
}

function asked(request: FastifyRequest): { operation: AxisOperation; asking: Asking } {
  const operation = operationOf(request)
  if (operation === undefined || request.asking === null)
    throw new Error('a handler runs after authentication')
  return { operation, asking: request.asking }
}

const rateLimitOptions = (max: number) =>
  ({
    max,
    timeWindow: MINUTE,
    cache: 10_000,
    hook: 'preParsing',
    keyGenerator: (request) =>
      request.caller ? `client ${request.caller.clientId}` : normalizeIP(request.ip),
    errorResponseBuilder: (_request, { ttl }) =>
      new GatewayError('rate-limited', { retryAfter: Math.ceil(ttl / 1_000) }),
  }) satisfies Parameters<typeof rateLimit>[1]

/** The one error handler of the door. */
async function replyWithFailure(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const error = toGatewayError(thrown)
  const operation = operationOf(request)
  const facts = { operation, code: error.code, clientId: request.caller?.clientId }
  if (PROBLEMS[error.code].status >= 500)
    request.log.error({ err: error.cause ?? error, ...facts }, 'request failed')
  else request.log.info({ ...facts, faults: error.faults.map(({ code }) => code) }, 'request refused')
  if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter))
  // A client that still writes does not read: it would see a broken connection in place of the reason.
  if (!(await drain(request.raw, request.asking !== null))) reply.header('connection', 'close')
  if (operation === 'downloadEdoc') return reply.code(200).header('content-length', 0).send()
  return sendAnswer(reply, { json: failure(operation, error) })
}
