import { GatewayError } from '../domain/problem.ts'

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** What an error of the file system means to a caller: the store is full, or it does not work now. */
export function storageError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const full = FULL.has(code)
  return new GatewayError(full ? 'storage-full' : 'storage-unavailable', {
    cause: error,
    retryAfter: full ? 60 : 5,
  })
}

export const storing = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw storageError(error)
  })
