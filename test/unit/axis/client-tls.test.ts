import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { answers, clientOf, fakeExchange } from './fake-exchange.ts'

const pair = (profile: 'tls-server' | 'tls-client') => {
  const subject = [[NAME.commonName, profile]] as const
  const { key, certificateChain } = issue({ subject, profile, key: 'p256', hosts: ['localhost'] })
  return {
    certificate: certificateChain.map(({ x509 }) => x509.toString()).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

t.test('the exchange’s authority must be known, and our certificate is shown', async (t) => {
  const [theirs, ours] = [pair('tls-server'), pair('tls-client')]
  const axis = await fakeExchange(t, {
    cert: theirs.certificate,
    key: theirs.key,
    ca: ours.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  })
  axis.behaves = answers({ data: [] })
  const known = { authorities: theirs.certificate }
  const asks = (more: object) => clientOf(t, axis.url, more).getAgenciesList()
  t.match(await asks({ ...known, clientCertificate: ours }), { ok: true })
  t.match(await asks({ clientCertificate: ours }), { failure: { kind: 'unreachable' } })
  t.match(await asks({ ...known, clientCertificate: pair('tls-client') }), {
    failure: { kind: 'unreachable' },
  })
  t.match(await asks(known), { failure: { kind: 'unreachable' } })
  t.equal(axis.seen.length, 1)
})
