import type { Config } from '../config.ts'
import type { AgencyLimits } from '../domain/agency-limit.ts'

/** What an agency may use for which operators have set nothing else. */
export const defaultLimits = ({ http, maxPacketBytes }: Config): AgencyLimits => ({
  requestsPerMinute: http.rateLimit,
  concurrentSubmissions: http.concurrentSubmissions,
  packetBytes: maxPacketBytes,
  storedBytes: http.storageQuota,
  share: 1,
})
