import { type DevCa, makeCa } from '../../scripts/make-certs.ts'
import type { TrustStore } from '../../src/signature/trust-store.ts'

export interface FakeCa extends DevCa {
  /** A trust store whose one anchor is this root, for signatures and timestamps, and which knows the issuing CA. */
  readonly trust: TrustStore
}

/** A root and an issuing CA in memory, with fresh keys: no two of them trust each other. */
export function fakeCa(): FakeCa {
  const ca = makeCa()
  const root = ca.root.certificateChain[0]!
  const issuing = ca.issuing.certificateChain[0]!
  return {
    ...ca,
    trust: {
      anchors: [{ certificate: root, purposes: new Set(['signature', 'timestamp']) }],
      intermediates: [issuing],
    },
  }
}
