import { Gauge, type Registry } from 'prom-client'
import type { ApiContext } from '../../context.ts'
import { databaseNow } from '../../db/now.ts'
import { daysLeft } from '../../domain/certificate-end.ts'
import { seldom } from './metrics.ts'

/** Days until each certificate ends, by the database's clock. Left out while the database does not answer. */
export function registerCertificateGauge(
  registry: Registry,
  { pool, certificates, log }: Pick<ApiContext, 'pool' | 'certificates' | 'log'>,
): void {
  const look = seldom(
    async () => {
      try {
        return { now: await databaseNow(pool), ends: await certificates() }
      } catch (error) {
        log.warn({ err: error }, 'the ends of certificates could not be read')
        return null
      }
    },
    () => performance.now(),
  )
  new Gauge({
    name: 'tram_certificate_expires_in_days',
    help: 'Days until a certificate ends; below zero where it has ended',
    labelNames: ['use', 'subject', 'certificate', 'agency'],
    registers: [registry],
    async collect() {
      const found = await look()
      this.reset()
      for (const end of found?.ends ?? []) {
        const labels = {
          use: end.use,
          subject: end.subject,
          // Of two with one name, the old and the new one.
          certificate: end.sha256.slice(0, 16),
          agency: end.agency ?? '',
        }
        this.set(labels, Math.round(daysLeft(end, found!.now) * 100) / 100)
      }
    },
  })
}
