import { join } from 'node:path'
import { loadSigningKey } from '../../src/signature/keys/load-key.ts'
import { FakeTsa } from '../../test/fakes/fake-tsa.ts'
import { TSA_TYPE, trustServiceServer } from '../../test/fakes/trust-service-server.ts'
import { makeDevCertificates } from '../make-certs.ts'

/** A time-stamping authority of this machine's own, under the development CA. */
export interface DemoTsa {
  readonly url: string
  stop(): Promise<void>
}

/** @param certificates folder of the development certificates; what is not there yet is made */
export async function startDemoTsa(certificates: string): Promise<DemoTsa> {
  await makeDevCertificates(certificates)
  const inFolder = (name: string) => join(certificates, name)
  const key = await loadSigningKey({ keyFile: inFolder('tsa.key.pem'), chainFile: inFolder('tsa.pem') })
  const tsa = new FakeTsa({ tsa: key })
  const ends: (() => unknown)[] = []
  const { url } = await trustServiceServer(
    { teardown: (end) => void ends.push(end) },
    { tsa: { mediaType: TSA_TYPE, respond: (body) => tsa.respond(body) } },
  )
  return {
    url: `${url}/tsa`,
    async stop() {
      for (const end of ends) await end()
    },
  }
}
