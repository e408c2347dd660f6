import { GatewayError } from '../../domain/problem.ts'

export const malformed = (vi: string, en: string, cause?: unknown): GatewayError =>
  new GatewayError('request-malformed', { cause, detail: { vi, en } })
