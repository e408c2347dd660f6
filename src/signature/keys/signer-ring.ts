import { GatewayError } from '../../domain/problem.ts'
import { createSealer, type Sealer } from '../seal/seal.ts'
import type { Signer } from './signer.ts'
import { type KeyPlace, type OpenSigner, openSigner, signerSources, stateOf } from './signer-source.ts'

/** What a look at the files came to. */
export interface Reload {
  readonly changed: boolean
  /** The keys in use now, by name. */
  readonly names: readonly string[]
  /** What could not be opened; what was in use under that name stays in use. */
  readonly faults: readonly Error[]
}

/** The keys of one use, with validity that may overlap: a new one is put beside the old one before that ends. */
export interface SignerRing {
  /**
   * The key to sign with at `time`: of those whose certificate is valid then, the one that became valid last. A caller
   * keeps what it got for all of one document, whatever is loaded meanwhile.
   * @throws GatewayError `seal-key-unavailable` where none is valid
   */
  at(time: Date): Signer
  all(): readonly Signer[]
  /** Looks at the files again where they have changed. Never throws: a ring does not lose its keys. */
  reload(): Promise<Reload>
  close(): void
}

/**
 * Opens every key of a place.
 * @param permit throws where a signer must not be used here
 * @throws Error where any of them cannot be used: a gateway must not start with half of its keys
 */
export async function openSignerRing(
  place: KeyPlace,
  permit: (signer: Signer) => void = () => undefined,
): Promise<SignerRing> {
  const open = async (source: Parameters<typeof openSigner>[0]): Promise<OpenSigner> => {
    const opened = await openSigner(source)
    permit(opened.signer)
    // A key of a kind that cannot seal is found now, not at the first document.
    createSealer(opened.signer)
    return { ...opened, signer: named(opened.signer) }
  }
  let state = await stateOf(place)
  let held: readonly OpenSigner[] = await Promise.all((await signerSources(place)).map(open))

  const look = async (): Promise<Error[]> => {
    const faults: Error[] = []
    const next: OpenSigner[] = []
    for (const source of await signerSources(place)) {
      try {
        next.push(await open(source))
      } catch (error) {
        faults.push(asError(error))
        next.push(...held.filter(({ name }) => name === source.name))
      }
    }
    if (next.length === 0) return faults
    for (const one of held) if (!next.includes(one)) one.release()
    held = next
    return faults
  }
  const reload = async (): Promise<Reload> => {
    const told = (changed: boolean, faults: readonly Error[]) => ({
      changed,
      names: held.map(({ name }) => name),
      faults,
    })
    try {
      const found = await stateOf(place)
      if (found === state) return told(false, [])
      const faults = await look()
      // Files that are half written, or do not fit each other yet, are looked at again.
      if (faults.length === 0) state = found
      return told(true, faults)
    } catch (error) {
      return told(false, [asError(error)])
    }
  }
  let reloading: Promise<Reload> | undefined
  return {
    at: (time) => newestValid(held, time),
    all: () => held.map(({ signer }) => signer),
    reload() {
      reloading ??= reload().finally(() => {
        reloading = undefined
      })
      return reloading
    },
    close() {
      for (const one of held) one.release()
    },
  }
}

function newestValid(held: readonly OpenSigner[], time: Date): Signer {
  const own = ({ certificateChain }: Signer) => certificateChain[0]!
  const valid = held
    .map(({ signer }) => signer)
    .filter((one) => own(one).notBefore <= time && time <= own(one).notAfter)
    .sort(
      (a, b) =>
        own(b).notBefore.getTime() - own(a).notBefore.getTime() ||
        own(b).notAfter.getTime() - own(a).notAfter.getTime() ||
        own(a).sha256.localeCompare(own(b).sha256),
    )
  if (valid.length > 0) return valid[0]!
  throw new GatewayError('seal-key-unavailable', {
    detail: {
      vi: `Không có chứng thư con dấu nào còn hiệu lực lúc ${time.toISOString()}.`,
      en: `No certificate of the seal is valid at ${time.toISOString()}.`,
    },
  })
}

/** A key that refuses, or whose token is away, is told as what it is to whoever waits for the signature. */
const named = (signer: Signer): Signer => ({
  ...signer,
  sign: (...args) =>
    signer.sign(...args).catch((cause: unknown) => {
      throw new GatewayError('seal-key-unavailable', { cause })
    }),
})

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** Seals with the key of the ring that is right at the time of the seal. */
export function createRingSealer(ring: SignerRing): Sealer {
  const sealers = new WeakMap<Signer, Sealer>()
  const sealerFor = (signer: Signer): Sealer => {
    const sealer = sealers.get(signer) ?? createSealer(signer)
    sealers.set(signer, sealer)
    return sealer
  }
  return { seal: async (objects, time) => sealerFor(ring.at(time)).seal(objects, time) }
}
