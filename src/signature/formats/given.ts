import type { KeyObject } from 'node:crypto'
import type { ByteSource } from '../byte-source.ts'
import type { Certificate } from '../x509/certificate.ts'

/** What is at hand beside a signed file. */
export interface Given {
  /** Content that lies outside the file, by the name under which the signature speaks of it. */
  readonly detached?: ReadonlyMap<string, ByteSource>
  /** The one key that counts: keys and certificates that come with a signature are then not looked at. */
  readonly key?: KeyObject | Certificate
}
