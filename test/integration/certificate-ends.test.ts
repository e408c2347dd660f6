import t from 'tap'
import { issue } from '../../scripts/issue-certificate.ts'
import { endWarner } from '../../src/bin/warn-of-ends.ts'
import { certificateEnds } from '../../src/context/certificate-ends.ts'
import { createLog } from '../../src/context.ts'
import { type CertificateEnd, endWarning } from '../../src/domain/certificate-end.ts'
import { signerOf } from '../../src/signature/keys/signer.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'

const DAY = 86_400_000

t.test('warnings begin 60, 30 and 7 days before the end', async (t) => {
  const cases: [number, string][] = [
    [60.01, 'none'],
    [60, 'within-60-days'],
    [30.01, 'within-60-days'],
    [30, 'within-30-days'],
    [7.01, 'within-30-days'],
    [7, 'within-7-days'],
    [0, 'within-7-days'],
    [-0.01, 'ended'],
  ]
  for (const [days, warning] of cases) t.equal(endWarning(days), warning, `${days}`)
})

t.test('the ends of certificates are told to logs, metrics and administrators', async (t) => {
  const gateway = await testGateway(t)
  const { pool, trust } = gateway.api
  const ending = (name: string, days: number) =>
    issue(
      {
        subject: [[NAME.commonName, name]],
        profile: 'signature',
        key: 'p256',
        notBefore: new Date(Date.now() - DAY),
        notAfter: new Date(Date.now() + days * DAY),
      },
      gateway.ca.issuing,
    )
  const seals = [ending('sắp hết', 5.5), ending('còn một tháng', 29.5), ending('còn lâu', 300)]
  const holders = {
    config: gateway.api.config,
    pool,
    trust,
    sealKeys: { all: () => seals.map(signerOf) },
  }
  const certificates = () => certificateEnds(holders)
  const served = await serveApp(t, gateway, { context: { certificates } })

  await t.test('the admin API lists them, the next to end first', async (t) => {
    const admin = bearer(
      await takeToken(served, 'admin-1', await addClient(served.context, 'admin-1', 'admin')),
    )
    const answer = await served.ask('/admin/v1/certificates', { headers: admin })
    t.equal(answer.status, 200)
    const items = answer.json().items as (CertificateEnd & { warning: string; daysLeft: number })[]
    t.match(items[0], {
      use: 'seal',
      subject: /sắp hết/,
      daysLeft: 5,
      warning: 'within-7-days',
      agency: null,
    })
    t.match(items[1], { use: 'seal', subject: /còn một tháng/, daysLeft: 29, warning: 'within-30-days' })
    t.ok(items.some(({ use, warning }) => use === 'trust-anchor' && warning === 'none'))
    const keys = items.map(({ use, sha256 }) => `${use} ${sha256}`)
    t.equal(new Set(keys).size, keys.length, 'each once: the seals have one issuer')
  })

  await t.test('metrics tell the days', async (t) => {
    const { text } = await served.ask('/metrics')
    t.match(
      text,
      /tram_certificate_expires_in_days\{use="seal",subject="CN=sắp hết",certificate="[0-9a-f]{16}",agency=""\} 5\.\d/,
    )
  })

  await t.test('the log warns once a day', async (t) => {
    const lines: { msg: string; level: number; subject: string; warning: string }[] = []
    const log = createLog(
      { ...gateway.api.config, logLevel: 'info' },
      { write: (line: string) => void lines.push(JSON.parse(line)) },
    )
    const warn = endWarner({ pool, certificates, log })
    await warn()
    await warn()
    t.match(lines, [
      { msg: 'a certificate ends', level: 50, subject: /sắp hết/, warning: 'within-7-days' },
      { msg: 'a certificate ends', level: 40, subject: /còn một tháng/, warning: 'within-30-days' },
    ])
    t.equal(lines.length, 2)
    seals[1] = ending('mới', 0.5)
    await warn()
    t.match(lines[2], { subject: /mới/, level: 50 }, 'what is new is told at once')
  })
})
