import { request } from 'undici'

/** What a load balancer knows of the APIs behind it. */
export interface WellApis {
  /** Those that said when they were asked last that they are ready; all of them where none did. */
  readonly urls: readonly string[]
  close(): void
}

const LOOK_EVERY_MS = 250
const PATIENCE_MS = 2_000

/** Asks each API for its readiness, four times a second. */
export function watchApis(all: readonly string[]): WellApis {
  const well = new Set(all)
  const timers = all.map((url) => {
    let asking = false
    return setInterval(async () => {
      if (asking) return
      asking = true
      const options = { headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS }
      const answer = await request(`${url}/readyz`, options).catch(() => null)
      await answer?.body.dump().catch(() => undefined)
      if (answer?.statusCode === 200) well.add(url)
      else well.delete(url)
      asking = false
    }, LOOK_EVERY_MS)
  })
  return {
    get urls() {
      return well.size === 0 ? all : all.filter((url) => well.has(url))
    },
    close: () => timers.forEach(clearInterval),
  }
}
