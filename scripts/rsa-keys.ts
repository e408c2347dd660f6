import { generateKeyPairSync, type KeyObject } from 'node:crypto'

export interface RsaKeys {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** Where new RSA-2048 keys come from. Tests put kept ones in its place: making one takes a quarter of a second. */
export const rsaKeys: { make: () => RsaKeys } = {
  make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
