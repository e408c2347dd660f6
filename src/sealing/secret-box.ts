import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { SecretBox } from '../domain/secret-box.ts'

export type { SecretBox }

/**
 * What is kept, each under a key of its own: what was closed as one thing never opens as another, even where an operator
 * names one file for both. The text goes into the derivation of the key and never changes.
 */
const PURPOSES = {
  'agency-keys': { derivation: 'tram agency keys v1', variable: 'TRAM_AGENCY_KEYS_SECRET' },
  'axis-secrets': { derivation: 'tram axis secrets v1', variable: 'TRAM_AXIS_SECRETS' },
} as const

export type SecretPurpose = keyof typeof PURPOSES

const LEAST_CHARACTERS = 32
const NONCE = 12
const TAG = 16

/**
 * AES-256-GCM under a key that HKDF-SHA256 (RFC 5869) draws from the gateway's secret.
 * @param secret random text of at least 32 characters, such as `openssl rand -base64 32` gives
 * @throws Error where it is shorter
 */
export function secretBox(secret: string, purpose: SecretPurpose = 'agency-keys'): SecretBox {
  const { derivation, variable } = PURPOSES[purpose]
  if (secret.length < LEAST_CHARACTERS)
    throw new Error(`the secret has less than ${LEAST_CHARACTERS} characters`)
  const key = Buffer.from(hkdfSync('sha256', secret, '', derivation, 32))
  return {
    close(plain, owner) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(owner))
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
    },
    open(sealed, owner) {
      const [nonce, tag] = [sealed.subarray(0, NONCE), sealed.subarray(NONCE, NONCE + TAG)]
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
      decipher.setAAD(Buffer.from(owner)).setAuthTag(tag)
      const plain = decipher.update(sealed.subarray(NONCE + TAG))
      try {
        return Buffer.concat([plain, decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new Error(`it was kept under another ${variable}, or is damaged`, { cause })
      }
    },
  }
}
