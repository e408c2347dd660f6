import type { SignatureFinding } from '../../domain/signature-report.ts'
import { type CheckedSignature, checkingSync, type Notes, unverifiable } from '../checks.ts'
import { BerError } from './ber.ts'

/** Runs the checks of one signature: parts are read when they are asked for, and may turn out to be no BER. */
export function checkingCms(
  format: SignatureFinding['format'],
  work: (notes: Notes) => void,
): CheckedSignature {
  return checkingSync(format, (notes) => {
    try {
      work(notes)
    } catch (error) {
      throw error instanceof BerError ? unverifiable('form', 'cms-unreadable', error.message) : error
    }
  })
}
