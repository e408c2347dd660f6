import { consumeAssertion } from '../../db/client-credentials.ts'
import { type ClientRecord, findClient } from '../../db/clients.ts'
import type { Pool } from '../../db/pool.ts'
import { isClientId } from '../../directory/clients.ts'
import { clientOfSecret } from '../../directory/prove-client.ts'
import type { Sha256 } from '../../domain/identifiers.ts'
import { checkAssertion, claimedClient } from './client-assertion.ts'
import { OAuthError } from './oauth-error.ts'
import type { ClientProof } from './token-request.ts'

export interface IdentifyDependencies {
  readonly pool: Pool
  /** What an assertion may name as its audience: the issuer, and the token endpoint. */
  readonly audiences: readonly string[]
}

type Proof<M extends ClientProof['method']> = Extract<ClientProof, { method: M }>
type Check<M extends ClientProof['method']> = (
  dependencies: IdentifyDependencies,
  proof: Proof<M>,
  now: Date,
) => Promise<ClientRecord>

/** How each method of client authentication is checked. */
const METHODS: { readonly [M in ClientProof['method']]: Check<M> } = {
  async client_secret_basic({ pool }, { clientId, secret }) {
    const client = await clientOfSecret(pool, clientId, secret)
    if (client === undefined) throw refusal()
    return client
  },

  async private_key_jwt({ pool, audiences }, { assertion, clientId }, now) {
    const claimed = claimedClient(assertion)
    if (!isClientId(claimed) || (clientId !== null && clientId !== claimed)) throw refusal()
    const client = await findClient(pool, claimed)
    if (client === undefined || client.keys === null) throw refusal()
    const used = await checkAssertion(assertion, { ...client, keys: client.keys }, audiences, now)
    // Last, so that only the holder of the key can fill the table.
    if (!(await consumeAssertion(pool, claimed, used.jti, used.expiresAt))) {
      throw new OAuthError('invalid_client', 'the client assertion was used before')
    }
    return client
  },
}

/** Whom a proof names, before it is checked; null where it names nobody. */
export function claimantOf(
  proof: ClientProof,
): { readonly clientId: string; readonly isProven: false } | null {
  try {
    const clientId = proof.method === 'private_key_jwt' ? claimedClient(proof.assertion) : proof.clientId
    return { clientId, isProven: false }
  } catch {
    return null
  }
}

const refusal = (): OAuthError => new OAuthError('invalid_client', 'client authentication failed')

/**
 * The client that a proof shows. One that is bound to a certificate must have come with it.
 * @throws OAuthError `invalid_client`; GatewayError `database-unavailable`
 */
export async function identifyClient(
  dependencies: IdentifyDependencies,
  proof: ClientProof,
  shown: Sha256 | null,
  now: Date,
): Promise<ClientRecord> {
  const client =
    proof.method === 'client_secret_basic'
      ? await METHODS.client_secret_basic(dependencies, proof, now)
      : await METHODS.private_key_jwt(dependencies, proof, now)
  if (client.revokedAt !== null) throw refusal()
  if (client.certificate !== null && client.certificate !== shown) {
    throw new OAuthError('invalid_client', 'this client must come with the certificate it is bound to')
  }
  return client
}
