import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { request } from 'undici'
import { issue } from '../../scripts/issue-certificate.ts'
import { createClient } from '../../src/directory/clients.ts'
import { agencyCode, sha256 } from '../../src/domain/identifiers.ts'
import { sealedObjects } from '../../src/domain/sealed-objects.ts'
import type { SigningKey } from '../../src/signature/keys/signing-key.ts'
import { verifyReceipt } from '../../src/signature/receipt-jws.ts'
import { loadTrustStore } from '../../src/signature/trust-store.ts'
import { verifySeal } from '../../src/signature/verify-seal.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { spawnTram } from '../support/spawn-tram.ts'
import { waitFor } from '../support/wait-for.ts'

const SENDERS = 4
const HOUR = 3_600_000

/** Written beside, then put in place: a reader finds a whole file. */
async function put(folder: string, name: string, { key, certificateChain }: SigningKey): Promise<void> {
  const files = {
    [`${name}.pem`]: certificateChain.map(({ x509 }) => x509.toString()).join(''),
    [`${name}.key.pem`]: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  for (const [file, text] of Object.entries(files)) {
    await writeFile(join(folder, `${file}.new`), text)
    await rename(join(folder, `${file}.new`), join(folder, file))
  }
}

t.test('the keys of the seal are exchanged under load, and no request fails', async (t) => {
  const gateway = await testGateway(t)
  const { pool, blobs } = gateway.api
  const now = Date.now()
  const key = (name: string, fromHours: number, kind: 'p256' | 'rsa' = 'p256') =>
    issue(
      {
        subject: [[NAME.commonName, name]],
        profile: 'signature',
        key: kind,
        notBefore: new Date(now + fromHours * HOUR),
        notAfter: new Date(now + (fromHours + 100) * HOUR),
      },
      gateway.ca.issuing,
    )
  const keys = { first: key('Khóa 1', -30), second: key('Khóa 2', -20, 'rsa'), third: key('Khóa 3', -10) }
  const folder = join(gateway.variables.TRAM_BLOBS!, '..', 'seal-keys')
  await mkdir(folder)
  await put(folder, 'a', keys.first)

  const variables = {
    ...gateway.variables,
    TRAM_SEAL_KEY: folder,
    TRAM_SEAL_CHAIN: '',
    TRAM_LOG_LEVEL: 'info',
  }
  const served = await spawnTram(t, ['serve'], variables, { timeoutMs: 60_000 })
  const { url } = await served.waitForLog(({ msg }) => msg === 'ready')
  const client = { clientId: 'rotation', role: 'agency', agency: agencyCode('G90'), name: 'DMS' } as const
  const { secret } = await createClient(pool, client, 'test')
  const token = await request(`${url}/oauth2/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`rotation:${secret}`).toString('base64')}`,
    },
    body: 'grant_type=client_credentials',
  })
  const { access_token } = (await token.body.json()) as { access_token: string }

  const answers: { status: number; receipt: string }[] = []
  let going = true
  let number = 0
  const send = async () => {
    while (going) {
      const documentId = `G90,2026/11/20,${++number}/BTN`
      const answer = await request(`${url}/v1/documents`, {
        method: 'POST',
        headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/xml' },
        body: await documentPacket({ from: 'G90', to: ['H90'], documentId }),
      })
      const { receipt = '' } = (await answer.body.json()) as { receipt?: string }
      answers.push({ status: answer.statusCode, receipt })
    }
  }
  const senders = Array.from({ length: SENDERS }, send)
  const more = async (count: number) => {
    const wanted = answers.length + count
    await waitFor(() => answers.length >= wanted, 60_000)
  }
  const reloaded = (names: string[]) =>
    served.waitForLog(
      ({ keys }) => JSON.stringify(keys) === JSON.stringify(names.map((one) => `${one}.key.pem`)),
      30_000,
    )

  await more(20)
  await put(folder, 'b', keys.second)
  served.signal('SIGHUP')
  await reloaded(['a', 'b'])
  await more(20)
  await put(folder, 'c', keys.third)
  await rm(join(folder, 'a.key.pem'))
  served.signal('SIGHUP')
  await reloaded(['b', 'c'])
  await more(20)
  // A mistake of the operator's: half of a key.
  await writeFile(join(folder, 'd.key.pem'), 'damaged')
  served.signal('SIGHUP')
  await served.waitForLog(({ msg }) => /cannot be used/.test(String(msg)), 30_000)
  await more(20)
  going = false
  await Promise.all(senders)

  t.strictSame([...new Set(answers.map(({ status }) => status))], [201], `${answers.length} submissions`)
  const context = { trust: await loadTrustStore(gateway.variables.TRAM_TRUST!), time: new Date() }
  const seen = new Map<string, number>()
  for (const { receipt } of answers) {
    const { signer, trust } = await verifyReceipt(receipt, context)
    if (trust === 'trusted') seen.set(signer.sha256, (seen.get(signer.sha256) ?? 0) + 1)
  }
  for (const [name, { certificateChain }] of Object.entries(keys))
    t.ok((seen.get(certificateChain[0]!.sha256) ?? 0) > 0, `the ${name} key was used`)
  t.equal(
    [...seen.values()].reduce((sum, one) => sum + one, 0),
    answers.length,
    'every receipt is trusted',
  )

  const { rows } = await pool.query<{ packet: string; seal: string }>(
    'select packet_sha256 as packet, seal_sha256 as seal from document',
  )
  t.equal(rows.length, answers.length)
  let good = 0
  for (const { packet, seal } of rows) {
    const xades = await buffer(blobs.read(sha256(seal)))
    const [finding] = await verifySeal(xades, sealedObjects(sha256(packet), []), context)
    if (finding?.state === 'valid' && finding.trust === 'trusted') good++
  }
  t.equal(good, rows.length, 'every seal verifies')
})
