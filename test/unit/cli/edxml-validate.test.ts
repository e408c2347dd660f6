import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { edxmlValidate } from '../../../src/cli/edxml-validate.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const vector = (stem: string): string =>
  fileURLToPath(new URL(`../../vectors/${stem}.edxml`, import.meta.url))

async function run(files: string[], json: boolean) {
  const lines: string[] = []
  const code = await edxmlValidate(files, { json }, (line) => lines.push(line))
  return { code, lines }
}

t.test('one JSON line a file, exit code 0 only if all are accepted', async (t) => {
  const good = vector('valid/edxml/document-recall')
  const odd = vector('valid/edxml/priority-unknown--priority-unknown')
  const status = vector('valid/edxml/status-03')
  const accepted = await run([good, odd, status], true)
  t.equal(accepted.code, 0)
  t.match(
    accepted.lines.map((line) => JSON.parse(line)),
    [
      { file: good, accepted: true, kind: 'document', operation: 'recall', faults: [] },
      {
        file: odd,
        accepted: true,
        kind: 'document',
        operation: 'new',
        faults: [{ code: 'priority-unknown', severity: 'warning' }],
      },
      { file: status, accepted: true, kind: 'status', operation: null, faults: [] },
    ],
  )
  const broken = vector('invalid/edxml/xml-not-well-formed--tag-mismatch')
  const refused = await run([good, broken, vector('no-such-file')], true)
  t.equal(refused.code, 1)
  t.match(
    refused.lines.map((line) => JSON.parse(line)),
    [
      { accepted: true },
      {
        file: broken,
        accepted: false,
        kind: null,
        operation: null,
        faults: [{ code: 'xml-not-well-formed', line: 43 }],
      },
      { accepted: false, faults: [{ code: 'file-unreadable', found: 'ENOENT' }] },
    ],
  )
})

t.test('every fault at once, with all that helps to mend it', async (t) => {
  const { code, lines } = await run([vector('invalid/edxml/receiver-type-unknown')], true)
  t.equal(code, 1)
  t.strictSame(JSON.parse(lines[0]!).faults, [
    {
      code: 'receiver-type-unknown',
      severity: 'error',
      path: '/edXML/edXMLEnvelope/edXMLHeader/TraceHeaderList/Bussiness/BussinessDocumentInfo/ReceiverList/Receiver/ReceiverType',
      line: 73,
      found: '2',
      expected: '0 | 1',
      hint: {
        vi: 'ReceiverType là 0 (bỏ khỏi danh sách nhận) hoặc 1 (thêm vào).',
        en: 'ReceiverType is 0 (removed from the recipients) or 1 (added).',
      },
    },
  ])
})

t.test('a mark of secrecy is refused, as the gateway would', async (t) => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'secret.edxml')
  const sound = await readFile(vector('valid/edxml/document-new-order-a'), 'utf8')
  const marked = sound.replace(/(<(?:\w+:)?Subject>)/, '$1(MẬT) ')
  t.not(marked, sound)
  await writeFile(file, marked)
  const { code, lines } = await run([file], true)
  t.equal(code, 1)
  t.match(JSON.parse(lines[0]!), {
    accepted: false,
    faults: [{ code: 'state-secret', path: /MessageHeader\/Subject$/, found: 'MẬT' }],
  })
})

t.test('lines for people', async (t) => {
  const { lines } = await run(
    [vector('invalid/edxml/agency-code-null'), vector('valid/edxml/status-03')],
    false,
  )
  t.match(lines, [
    /agency-code-null\.edxml: KHÔNG ĐẠT \/ refused/,
    '  error agency-code-null at line 7 /edXML/edXMLEnvelope/edXMLHeader/MessageHeader/From/OrganId',
    '    found: "null"; expected: H37.02 (QĐ 20/2020/QĐ-TTg)',
    /mã định danh/,
    /real code/,
    /status-03\.edxml: ĐẠT \/ accepted \(status\)/,
  ])
  t.equal((await run([], false)).code, 1, 'nothing was accepted where nothing was given')
})
