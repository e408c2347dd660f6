import { createHook } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** A look-up of a name, as libuv is asked for it: the name is filled in after the request is made. */
interface LookUp {
  readonly hostname?: string
}

const LOOKS_UP = new Set(['GETADDRINFOREQWRAP', 'QUERYWRAP', 'GETNAMEINFOREQWRAP'])
/** What a process does that speaks to others without TCP. */
const OTHER_WAYS = new Set(['UDPSENDWRAP', 'PROCESSWRAP', 'HTTP2SESSION'])

export interface Outbound {
  /** What was connected to, looked up or started, except the allowed. */
  found(): string[]
  stop(): void
}

/** Watches what this process connects to, looks up and starts. The loopback's allowed ports are left out. */
export function watchOutbound(allowedPorts: readonly number[]): Outbound {
  const calls: { to?: { address: string; port: number } }[] = []
  const lookUps: LookUp[] = []
  const others: string[] = []
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    const call: (typeof calls)[number] = {}
    calls.push(call)
    // A socket that is closed no longer tells where it went.
    socket.once('connect', () => {
      call.to = { address: socket.remoteAddress ?? '?', port: socket.remotePort ?? 0 }
    })
  }
  const hook = createHook({
    init: (_id, type, _trigger, resource) => {
      if (LOOKS_UP.has(type)) lookUps.push(resource as LookUp)
      if (OTHER_WAYS.has(type)) others.push(type)
    },
  }).enable()
  subscribe('net.client.socket', onSocket)
  const isAllowed = ({ to }: (typeof calls)[number]) =>
    to !== undefined &&
    /^(?:127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/.test(to.address) &&
    allowedPorts.includes(to.port)
  return {
    found: () => [
      ...calls.filter((one) => !isAllowed(one)).map(({ to }) => `socket to ${to?.address ?? 'nowhere yet'}`),
      ...lookUps.map(({ hostname }) => hostname ?? '?').filter((name) => name !== 'localhost'),
      ...others,
    ],
    stop: () => {
      hook.disable()
      unsubscribe('net.client.socket', onSocket)
    },
  }
}
