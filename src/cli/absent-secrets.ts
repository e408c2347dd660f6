import { createHash, createHmac, createPublicKey } from 'node:crypto'
import type { Config } from '../config.ts'
import type { AbsentSecret } from '../domain/backup-manifest.ts'
import type { SignerRing } from '../signature/keys/signer-ring.ts'

type Fingerprint = (config: Config, sealKeys: Pick<SignerRing, 'all'>) => string | null

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** Over the public half; null where this process is not told of the key. */
const ofKey = (pem: string): string | null =>
  pem === '' ? null : sha256(createPublicKey(pem).export({ type: 'spki', format: 'der' }))

/** Half of a MAC under the secret itself: random text of 32 characters is not found from it. */
const ofSecret = (secret: string | null): string | null =>
  secret === null
    ? null
    : createHmac('sha256', secret).update('tram backup fingerprint v1').digest('hex').slice(0, 32)

/** What the gateway works with and no backup holds; each row tells whether another machine has the same. */
const FINGERPRINTS: Readonly<Record<string, Fingerprint>> = {
  TRAM_SEAL_KEY: (_config, sealKeys) =>
    sealKeys
      .all()
      .map(({ certificateChain }) => certificateChain[0]!.sha256)
      .sort()
      .join(' '),
  TRAM_TOKEN_KEY: ({ tokenKey }) => ofKey(tokenKey),
  TRAM_PUSH_KEY: ({ push }) => ofKey(push.key),
  TRAM_AGENCY_KEYS_SECRET: ({ agencyKeysSecret }) => ofSecret(agencyKeysSecret),
  TRAM_AXIS_SECRETS: ({ axisSecret }) => ofSecret(axisSecret),
  TRAM_CONNECTORS: ({ connectors }) =>
    connectors === null
      ? null
      : sha256(
          connectors.all
            .map(({ name, url }) => `${name} ${url}`)
            .sort()
            .join('\n'),
        ),
}

/** The keys and secrets of this configuration, by fingerprints. */
export const absentSecrets = (config: Config, sealKeys: Pick<SignerRing, 'all'>): AbsentSecret[] =>
  Object.entries(FINGERPRINTS).map(([variable, of]) => ({ variable, fingerprint: of(config, sealKeys) }))

/** Those that the gateway of the backup had and that are not the same here. */
export function differingSecrets(then: readonly AbsentSecret[], now: readonly AbsentSecret[]): string[] {
  const here = new Map(now.map(({ variable, fingerprint }) => [variable, fingerprint]))
  return then
    .filter(({ variable, fingerprint }) => fingerprint !== null && here.get(variable) !== fingerprint)
    .map(({ variable }) => variable)
}
