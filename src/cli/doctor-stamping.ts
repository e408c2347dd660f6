import { createHash, randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { openRevocation, openTsa } from '../context/trust-services.ts'
import type { Pool } from '../db/pool.ts'
import { readSealGauges, secondsWithoutTimestamp } from '../db/seal-dues.ts'
import { loadTrustStore } from '../signature/trust-store.ts'
import { mayAsk } from '../signature/x509/revocation.ts'
import type { Check } from './finding.ts'

/** Less than what a check of the doctor may take. */
const LONGEST_MS = 4_000

/** Whether seals get their timestamps. */
export function stampingChecks(pool: Pool, worker: Config, graceSeconds: number): Check[] {
  if (worker.stamping.urls.length === 0) return [withoutAuthority]
  return [
    ...worker.stamping.urls.map((url) => authorityCheck(pool, worker, url)),
    revocationCheck(worker),
    owedCheck(pool, graceSeconds),
  ]
}

const withoutAuthority: Check = {
  what: 'dấu thời gian/timestamps',
  look: async () => ({
    outcome: 'warning',
    detail: 'TRAM_TSA_URL names no authority: seals stay XAdES B-B, and end with their certificates',
  }),
}

/** Asks for a token that is thrown away, and looks at it as the worker would. */
const authorityCheck = (pool: Pool, { stamping, trust }: Config, url: string): Check => ({
  what: `dịch vụ cấp dấu thời gian/time-stamping authority ${new URL(url).host}`,
  async look() {
    const one = { ...stamping, urls: [url], timeoutMs: Math.min(stamping.timeoutMs, LONGEST_MS) }
    const client = openTsa({ stamping: one }, await loadTrustStore(trust), pool)
    if (client === null) throw new Error('no authority')
    try {
      const before = performance.now()
      const { genTime } = await client.stamp(createHash('sha256').update(randomBytes(32)).digest())
      const took = Math.round(performance.now() - before)
      return { outcome: 'ok', detail: `${genTime.toISOString()}, after ${took} ms` }
    } finally {
      await client.close()
    }
  },
})

/** Without somebody to ask, seals cannot be proven once their certificates have ended. */
const revocationCheck = (worker: Config): Check => ({
  what: 'hỏi tình trạng chứng thư/revocation',
  async look() {
    if (!worker.revocation.isOn)
      return { outcome: 'warning', detail: 'TRAM_REVOCATION is off: seals stay XAdES B-T' }
    const source = openRevocation(worker, await loadTrustStore(worker.trust), { warn: () => undefined })
    const isAnybody = mayAsk(source)
    await source?.close()
    if (isAnybody) return { outcome: 'ok', detail: 'OCSP responders and publishers of CRLs may be asked' }
    const why = 'TRAM_REVOCATION_HOSTS and the trust store name nobody who may be asked'
    return { outcome: 'warning', detail: `${why}: seals stay XAdES B-T` }
  },
})

const owedCheck = (pool: Pool, graceSeconds: number): Check => ({
  what: 'niêm phong chờ dấu thời gian/seals waiting',
  async look() {
    const { waiting } = await readSealGauges(pool)
    const seconds = await secondsWithoutTimestamp(pool)
    const counts = waiting.map(({ wants, count }) => `${count} want ${wants}`).join(', ') || 'none'
    if (seconds === null) return { outcome: 'ok', detail: counts }
    const owed = `${counts}; none was had for ${Math.round(seconds)} s of ${graceSeconds} s`
    if (seconds > graceSeconds) return { outcome: 'failed', detail: `${owed}: nothing is taken` }
    return { outcome: seconds > graceSeconds / 4 ? 'warning' : 'ok', detail: owed }
  },
})
