import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { verifyTokenFile } from '../../../src/cli/tsverify-job.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { tokenOver } from '../../fakes/fake-tsa.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const tsa = issue({ subject: [['2.5.4.3', 'TSA thử nghiệm']], profile: 'timestamp' }, fakeCa().issuing)
const data = Buffer.from('giá trị chữ ký')

t.test('a token in every form that tools write', async (t) => {
  const folder = await temporaryFolder(t)
  const [file, dataFile] = [join(folder, 'token'), join(folder, 'data')]
  await writeFile(dataFile, data)
  const token = Buffer.from(tokenOver(data, tsa))
  const lines = `${token.toString('base64').replace(/(.{64})/g, '$1\n')}\n`
  const forms = {
    DER: token,
    base64: lines,
    'base64 in one line': token.toString('base64'),
    PKCS7: `-----BEGIN PKCS7-----\n${lines}-----END PKCS7-----\n`,
    CMS: `-----BEGIN CMS-----\n${lines}-----END CMS-----\n`,
  }
  for (const [name, form] of Object.entries(forms)) {
    await writeFile(file, form)
    t.match(await verifyTokenFile(file, dataFile), { verdict: 'valid', imprintMatch: true }, name)
  }
  for (const spoiled of [`${lines}!`, `-----BEGIN CMS-----\n${lines}`, lines.slice(0, -30), '']) {
    await writeFile(file, spoiled)
    t.match(await verifyTokenFile(file, dataFile), { verdict: 'invalid', intact: false })
  }
})
