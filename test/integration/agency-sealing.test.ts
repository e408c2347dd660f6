import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FormData } from 'undici'
import { issue } from '../../scripts/issue-certificate.ts'
import { issueAgency, makeCa } from '../../scripts/make-certs.ts'
import { agencyKeyAdd } from '../../src/cli/agency-key.ts'
import { keyImport } from '../../src/cli/key-import.ts'
import { listAgencyKeys } from '../../src/db/agency-keys.ts'
import { keyOpener } from '../../src/sealing/open-key.ts'
import { secretBox } from '../../src/sealing/secret-box.ts'
import { bytesSource } from '../../src/signature/byte-source.ts'
import { checkPdf } from '../../src/signature/formats/pades-file.ts'
import { writePkcs12 } from '../../src/signature/keys/pkcs12-write.ts'
import { signerOf } from '../../src/signature/keys/signer.ts'
import { sealPdf } from '../../src/signature/pades-sign/seal-pdf.ts'
import { readTimestampResponse, timestampRequest } from '../../src/signature/timestamp/request.ts'
import { verifyAttachment } from '../../src/signature/verify-attachment.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { FakeTsa } from '../fakes/fake-tsa.ts'
import { makePdf } from '../fakes/make-pdf.ts'
import { disc, pngOf } from '../fakes/seal-image.ts'
import { agencyDoor } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, bearer, takeToken } from '../support/http-app.ts'
import { noPoppler, pdfsig } from '../support/render-pdf.ts'
import { modulePath, noSoftToken, softToken } from '../support/soft-token.ts'
import { spawnTram } from '../support/spawn-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SECRET = 'bí mật ngẫu nhiên của trục dành cho thử nghiệm'
const red = pngOf(disc(120, [214, 0, 28]))
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

function form(pdf: Uint8Array, options?: object): FormData {
  const data = new FormData()
  if (options !== undefined) data.append('options', JSON.stringify(options))
  data.append('file', new Blob([Uint8Array.from(pdf)], { type: 'application/pdf' }), 'quyết định.pdf')
  return data
}

t.test('an agency has its documents sealed with the key that it keeps here', async (t) => {
  const gateway = await testGateway(t)
  const { pool } = gateway.api
  const folder = await temporaryFolder(t)
  const keys = issueAgency(gateway.ca, { name: 'Tỉnh Thử nghiệm', code: 'H90' })
  const tsa = new FakeTsa({
    tsa: issue({ subject: [[NAME.commonName, 'TSA thử']], profile: 'timestamp' }, gateway.ca.issuing),
  })
  let tsaIsAway = false
  const stamp = async (digest: Uint8Array) => {
    if (tsaIsAway) throw new Error('canary: the TSA is away')
    const request = timestampRequest(digest)
    const answer = readTimestampResponse(tsa.respond(request.der), request)
    if ('fault' in answer) throw new Error(answer.detail)
    return answer.token
  }
  const box = secretBox(SECRET)
  const sealing = { pool, openKey: keyOpener(box, modulePath === undefined ? [] : [modulePath]), stamp }
  const { served, system } = await agencyDoor(t, gateway, ['H90', 'H91'], {
    context: { sealing, agencySecrets: box },
  })
  const [own, other] = [system('H90'), system('H91')]
  const admin = bearer(
    await takeToken(served, 'admin-1', await addClient(served.context, 'admin-1', 'admin')),
  )
  const asAdmin = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) =>
    served.ask(`/admin/v1${path}`, {
      method,
      headers: { ...admin, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  const events = async (kind: string) =>
    (
      await pool.query('select actor, agency_code, detail from audit_event where kind = $1 order by at', [
        kind,
      ])
    ).rows

  const draft = makePdf(['QUYẾT ĐỊNH', 'Về việc thử nghiệm'])
  const signed = await sealPdf(draft, signerOf(keys.person), {
    time: new Date(),
    stamp: null,
    appearance: {
      kind: 'seal',
      image: disc(60, [0, 0, 230]),
      widthMm: 30,
      position: { page: 1, xMm: 130, yMm: 200 },
    },
  })
  t.match((await own('POST', '/seals', { body: form(signed) })).body, { code: 'agency-key-missing' })

  const p12 = await writePkcs12(keys.agency, 'Mật khẩu của Sở')
  const registration = {
    agency: 'H90',
    key: { kind: 'pkcs12', file: base64(p12), passphrase: 'Mật khẩu của Sở' },
    seal: { image: base64(red), widthMm: 36 },
  }
  let keyId = ''
  await t.test('its key is registered, and lies here in no clear form', async (t) => {
    const wrong = { ...registration, key: { ...registration.key, passphrase: 'sai' } }
    t.match((await asAdmin('POST', '/agency-keys', wrong)).json(), {
      code: 'request-invalid',
      errors: [
        { hint: { vi: /^Không dùng được khóa này: sai mật khẩu/, en: /: the passphrase .* is wrong/ } },
      ],
    })
    t.match((await asAdmin('POST', '/agency-keys', { ...registration, agency: 'H99' })).json(), {
      code: 'request-invalid',
    })
    t.match(
      (await asAdmin('POST', '/agency-keys', { ...registration, agency: 'H91' })).json(),
      {
        code: 'agency-key-name-differs',
        detail: /Tỉnh Thử nghiệm, không phải con dấu của Thành phố Thử nghiệm/,
      },
      "another agency's seal",
    )
    const person = await writePkcs12(keys.person, 'x')
    t.match(
      (
        await asAdmin('POST', '/agency-keys', {
          ...registration,
          key: { ...registration.key, file: base64(person), passphrase: 'x' },
        })
      ).json(),
      { code: 'request-invalid' },
      "a person's key",
    )
    const made = await asAdmin('POST', '/agency-keys', registration)
    t.equal(made.status, 201)
    t.match(made.json(), { agency: 'H90', kind: 'pkcs12', sealWidthMm: 36 })
    keyId = String(made.json().id)
    t.match((await asAdmin('POST', '/agency-keys', registration)).json(), { code: 'already-exists' })
    t.match((await asAdmin('GET', '/agency-keys?agency=H90')).json(), { items: [{ id: keyId }] })
    const { rows } = await pool.query('select agency_key::text as text, pkcs12, secret from agency_key')
    const { d = '' } = keys.agency.key.export({ format: 'jwk' })
    const privateExponent = Buffer.from(d, 'base64url').toString('hex').slice(0, 40)
    t.notOk(rows[0].text.includes(privateExponent), 'the private key is nowhere to be read')
    t.throws(() => box.open(rows[0].secret, 'another row'))
    t.throws(() => secretBox(`${SECRET} khác`).open(rows[0].secret, `agency-key ${keyId} H90`))
    t.not(base64(rows[0].pkcs12), base64(p12), 'under a passphrase of its own')
    t.match(await events('agency-key-changed'), [{ actor: 'admin-1', agency_code: 'H90' }])
    t.notMatch(served.logged(), 'Mật khẩu')
  })

  await t.test('a document is sealed, and all signatures count', async (t) => {
    const answer = await own('POST', '/seals', { body: form(signed) })
    t.equal(answer.status, 200)
    t.match(answer.headers, { 'content-type': 'application/pdf', 'seal-level': 'B-T' })
    t.match(answer.headers['content-disposition'], /quy%E1%BA%BFt/)
    const checked = await checkPdf(bytesSource(answer.bytes))
    t.equal(checked.length, 2)
    for (const one of checked)
      t.match(one, { state: 'valid', valueIntact: true, modifiedAfterSigning: false })
    t.match(checked[1]!.timestamps, [{ kind: 'signature' }], 'B-T')
    const { trust } = gateway.api
    const judged = await verifyAttachment(bytesSource(answer.bytes), 'a', 'application/pdf', {
      trust,
      time: new Date(),
    })
    t.match(judged.findings, [
      { state: 'valid', trust: 'trusted', signerKind: 'person' },
      { state: 'valid', trust: 'trusted', signerKind: 'agency' },
    ])
    const whole = judged.findings.map(
      ({ checks }) => checks.find(({ check }) => check === 'whole-document')?.outcome,
    )
    t.strictSame(whole, ['passed', 'passed'], "the person's signature goes on counting under the seal")
    if (!noPoppler) t.equal(pdfsig(folder, answer.bytes).match(/Signature is Valid/g)?.length, 2)
    const [event] = await events('pdf-sealed')
    t.match(event, { actor: 'system.H90', agency_code: 'H90', detail: { key: keyId, level: 'B-T' } })
    const annex = form(draft, { showing: { kind: 'annex', notation: '15/QĐ-UBND' }, level: 'B-B' })
    t.equal((await own('POST', '/seals', { body: annex })).headers['seal-level'], 'B-B')
  })

  await t.test(
    'a seal of another name is kept on the word of an administrator, who is recorded',
    async (t) => {
      const handover = async (key: typeof keys.agency) => ({
        agency: 'H91',
        key: { kind: 'pkcs12', file: base64(await writePkcs12(key, 'x')), passphrase: 'x' },
      })
      const stranger = issueAgency(makeCa(), { name: 'Thành phố Thử nghiệm', code: 'H91' })
      t.match(
        (
          await asAdmin('POST', '/agency-keys', { ...(await handover(stranger.agency)), confirmName: true })
        ).json(),
        { code: 'request-invalid', errors: [{ hint: { en: /leads to no authority/ } }] },
        'no word helps where the trust store does not know it',
      )
      const { agency } = issueAgency(gateway.ca, { name: 'Thị xã Cũ', code: 'H91.00' })
      const made = await asAdmin('POST', '/agency-keys', { ...(await handover(agency)), confirmName: true })
      t.equal(made.status, 201, made.text)
      t.match((await events('agency-key-changed')).at(-1), {
        actor: 'admin-1',
        agency_code: 'H91',
        detail: { nameConfirmed: true, certificateNames: 'Thị xã Cũ' },
      })
      t.notOk('nameConfirmed' in (await events('agency-key-changed'))[0].detail)
      t.equal((await asAdmin('DELETE', `/agency-keys/${made.json().id}`)).status, 204)
    },
  )

  await t.test('nobody else seals with it', async (t) => {
    t.match((await other('POST', '/seals', { body: form(signed) })).body, { code: 'agency-key-missing' })
    t.equal((await served.ask('/v1/seals', { method: 'POST', headers: admin })).status, 403)
  })

  await t.test('what does not fit is refused by name', async (t) => {
    const changed = Buffer.concat([signed, Buffer.from('\n% thêm\n')])
    const cases: [FormData, string, string?][] = [
      [form(draft), 'pdf-unsealable', 'nothing-to-cover'],
      [form(Buffer.from('không phải PDF')), 'pdf-unsealable', 'pdf-malformed'],
      [form(changed), 'pdf-unsealable'],
      [form(draft, { showing: { kind: 'stamp' } }), 'request-invalid'],
    ]
    const broken = Buffer.from(signed)
    broken[broken.indexOf('Tj')] = 0x20
    cases.push([form(broken), 'pdf-unsealable', 'pdf-signature-invalid'])
    const trailer = Buffer.from(signed).lastIndexOf('/Root ')
    const parts = [signed.subarray(0, trailer), Buffer.from('/Encrypt 9 0 R '), signed.subarray(trailer)]
    cases.push([form(Buffer.concat(parts)), 'pdf-unsealable', 'pdf-encrypted'])
    for (const [body, code, fault] of cases) {
      const answer = await own('POST', '/seals', { body })
      t.match(answer.body, { code, ...(fault && { errors: [{ code: fault }] }) }, fault ?? code)
    }
    const empty = new FormData()
    empty.append('options', '{}')
    t.match((await own('POST', '/seals', { body: empty })).body, { code: 'request-malformed' })
    const garbled = form(signed)
    garbled.append('options', '{')
    t.match((await own('POST', '/seals', { body: garbled })).body, {
      detail: 'Phần options không phải JSON.',
    })
  })

  await t.test('without a timestamp it says so, and goes on where none is asked for', async (t) => {
    tsaIsAway = true
    const answer = await own('POST', '/seals', { body: form(signed) })
    t.equal(answer.status, 503)
    t.match(answer.body, { code: 'timestamping-unavailable', detail: /B-B/ })
    t.notMatch(JSON.stringify(answer.body), 'canary')
    t.equal((await own('POST', '/seals', { body: form(signed, { level: 'B-B' }) })).status, 200)
    tsaIsAway = false
  })

  await t.test(
    'a key in a token seals as well, and the newer one is taken',
    { skip: noSoftToken },
    async (t) => {
      const token = await softToken(t)
      const newer = issue(
        {
          subject: [
            [NAME.organization, 'Tỉnh Thử nghiệm'],
            [NAME.commonName, 'Tỉnh Thử nghiệm'],
          ],
          profile: 'signature',
          key: 'p256',
          notBefore: new Date(Date.now() - 1000),
        },
        gateway.ca.issuing,
      )
      await token.hold('newer', '07', newer)
      const made = await asAdmin('POST', '/agency-keys', {
        agency: 'H90',
        key: { kind: 'token', uri: token.uri('newer', false), pin: token.pin },
        seal: registration.seal,
      })
      t.equal(made.status, 201, made.text)
      const answer = await own('POST', '/seals', { body: form(signed) })
      t.equal(answer.headers['seal-certificate-sha256'], newer.certificateChain[0]!.sha256)
      const kept = (await listAgencyKeys(pool, {})).find(({ id }) => id === made.json().id)!
      const unlisted = keyOpener(box, ['/usr/lib/another-module.so'])(pool, kept)
      const reason = { message: /not in TRAM_AGENCY_KEYS_MODULES/ }
      await t.rejects(
        unlisted,
        { code: 'seal-key-unavailable', cause: reason },
        'its module is listed no more',
      )
      t.equal((await asAdmin('DELETE', `/agency-keys/${made.json().id}`)).status, 204)
    },
  )

  await t.test('nobody chooses from afar what is executed here, or which file is read', async (t) => {
    const add = async (uri: string) =>
      (await asAdmin('POST', '/agency-keys', { agency: 'H90', key: { kind: 'token', uri, pin: '1' } })).json()
    // A packet may bring an attachment that is a library, and the store keeps it under a name that can be told.
    const library = join(folder, 'attachment')
    await writeFile(library, 'not a library')
    const refused = { code: 'request-invalid', errors: [{ hint: { en: /TRAM_AGENCY_KEYS_MODULES/ } }] }
    t.match(await add(`pkcs11:object=x?module-path=${library}`), refused)
    t.match(await add(`pkcs11:object=x?module-path=${modulePath}/../../../${library}`), refused)
    const file = await add(`pkcs11:object=x?module-path=${modulePath}&pin-source=file:/etc/passwd`)
    t.match(file, { code: 'request-invalid', errors: [{ hint: { en: /pin-source/ } }] })
  })

  await t.test('a revoked key is used no more, and forgotten', async (t) => {
    t.equal((await asAdmin('DELETE', `/agency-keys/${keyId}`)).status, 204)
    t.match((await own('POST', '/seals', { body: form(signed) })).body, { code: 'agency-key-missing' })
    t.equal((await asAdmin('DELETE', `/agency-keys/${keyId}`)).status, 404)
    const { rows } = await pool.query(
      'select length(pkcs12) as pkcs12, length(secret) as secret from agency_key where id = $1',
      [keyId],
    )
    t.match(rows, [{ pkcs12: 0, secret: 0 }])
    t.equal((await asAdmin('POST', '/agency-keys', registration)).status, 201, 'it may be put in again')
  })
})

t.test('old key files are written anew by a command', async (t) => {
  const folder = await temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  const gateway = await testGateway(t)
  const legacy = join(gateway.variables.TRAM_SEAL_KEY!, '..', 'gateway-seal.p12')
  await writeFile(file('old'), 'tram-dev\n')
  await writeFile(file('new'), 'Mật khẩu mới')
  const printed: string[] = []
  t.intercept(console, 'log', { value: (line: string) => printed.push(line) })
  const args = [
    legacy,
    '--out',
    file('new.p12'),
    '--passphrase-file',
    file('old'),
    '--new-passphrase-file',
    file('new'),
  ]
  t.equal(await keyImport(args), 0)
  t.match(JSON.parse(printed.at(-1)!), { wasModern: false })
  const { openPkcs12 } = await import('../../src/signature/keys/pkcs12.ts')
  t.match(await openPkcs12(await readFile(file('new.p12')), 'Mật khẩu mới'), { modern: true })
  await t.rejects(keyImport(args), { code: 'EEXIST' }, 'never over another key')
  await t.rejects(agencyKeyAdd(['H90', '--p12', legacy]))
})

t.test('operators register, list and revoke keys by commands', async (t) => {
  const gateway = await testGateway(t)
  const folder = await temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  const { agency } = issueAgency(gateway.ca, { name: 'Tỉnh Thử nghiệm', code: 'H90' })
  await writeFile(file('key.p12'), await writePkcs12(agency, 'Mật khẩu'))
  await writeFile(file('passphrase'), 'Mật khẩu\n')
  await writeFile(file('seal.png'), red)
  await writeFile(file('secret'), SECRET)
  const tram = async (...args: string[]) => {
    const env = { ...gateway.variables, TRAM_AGENCY_KEYS_SECRET: file('secret') }
    const { ended, otherOutput } = await spawnTram(t, args, env, { ready: null })
    return { code: (await ended).code, output: otherOutput.join('\n') }
  }
  const key = ['--p12', file('key.p12'), '--passphrase-file', file('passphrase')]
  const image = ['--image', file('seal.png'), '--width-mm', '36']
  const added = await tram('agency-key', 'add', 'H90', ...key, ...image)
  t.equal(added.code, 0, added.output)
  const { id } = JSON.parse(added.output)
  t.match((await tram('agency-key', 'list')).output, new RegExp(`${id} +H90 +pkcs12 +until`))
  t.equal((await tram('agency-key', 'add', 'H90', ...key)).code, 1, 'not twice')
  t.match(await tram('agency-key', 'add', 'H91', ...key), {
    code: 1,
    output: /is no seal of|không phải con dấu/,
  })
  t.equal((await tram('agency-key', 'add', 'H90')).code, 2, 'a key must be named')
  t.equal((await tram('agency-key', 'revoke', id)).code, 0)
  t.match((await tram('agency-key', 'list', '--all')).output, /revoked/)
})
