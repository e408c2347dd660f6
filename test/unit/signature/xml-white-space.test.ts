import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { canonicalizeFile } from '../../../src/cli/canonicalize-file.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { checkXmlFile } from '../../../src/signature/formats/file-xml.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { signXml, transform, x509Data } from '../../fakes/sign-xml.ts'

/** What JavaScript takes for white space and XML does not; the first two may stand in names. */
const ODD = ['\ufeff', '\u1680', '\u00a0', '\u2028', '\u3000']

const visible = (text: string) =>
  text.replace(/[^\x20-\x7e]/g, (one) => `U+${one.charCodeAt(0).toString(16)}`)

t.test('white space is what XML calls so', (t) => {
  const named = (odd: string) => [`<a b${odd}="c"></a>`, `<a${odd} b="c"></a${odd}>`, `<a><?p${odd}x y?></a>`]
  const holding = (odd: string) => [`<a>${odd}<b c="${odd}"></b>${odd}</a>`, `<a><?p ${odd}x${odd}?></a>`]
  for (const text of [...ODD.slice(0, 2).flatMap(named), ...ODD.flatMap(holding)])
    t.equal(canonicalizeFile(Buffer.from(text), { alg: 'exc' }).toString(), text, visible(text))
  t.end()
})

t.test('what is hidden in odd white space is seen', async (t) => {
  const signer = issue(
    { subject: [[NAME.commonName, 'Cơ quan Thử']], profile: 'signature' },
    fakeCa().issuing,
  )
  const keyInfo = x509Data(signer.certificateChain[0]!.der)
  const transforms = transform('http://www.w3.org/2000/09/xmldsig#enveloped-signature')
  const octets = '<r><?p x?><a b="c">1</a></r>'
  const signature = signXml(signer.key, [{ uri: '', transforms, octets }], { keyInfo })
  const check = async (text: string) =>
    (await checkXmlFile(bytesSource(Buffer.from(text)), {}))[0]!.references[0]?.intact
  const whole = `<r><?p x?><a b="c">1</a>${signature}</r>`
  t.equal(await check(whole), true)
  for (const odd of ODD) {
    t.equal(await check(whole.replace('p x', `p ${odd}x`)), false)
    t.not(await check(whole.replace('b=', `b${odd}=`)), true)
  }
  const beside = `<r>${signXml(signer.key, [{ uri: '#a', octets: '<a Id="a">1</a>' }], { keyInfo })}<a Id="a">1</a>`
  const coverage = async (text: string) =>
    (await checkXmlFile(bytesSource(Buffer.from(text)), {}))[0]!.coverage
  t.equal(await coverage(`${beside} \n</r>`), await coverage(`${beside}</r>`))
})
