import t from 'tap'
import { answerToUnreadable } from '../../../../src/http/axis-door/unreadable.ts'
import { asVendorClient } from '../../../support/vendor-client.ts'

const told = (code: string, request?: string) => {
  const answer = answerToUnreadable({ code, ...(request && { rawPacket: Buffer.from(request) }) })
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  t.match(head, /^HTTP\/1\.1 200 OK\r\n/)
  t.match(head, new RegExp(`Content-Length: ${Buffer.byteLength(body)}\r\n`))
  return { body: Buffer.from(body), ...JSON.parse(body) }
}

t.test('the reason is told by its code', async (t) => {
  const codes = {
    HPE_HEADER_OVERFLOW: ['10', /headers-too-large/],
    ERR_HTTP_REQUEST_TIMEOUT: ['20', /request-timeout/],
    HPE_INVALID_METHOD: ['10', /request-malformed/],
    '': ['10', /request-malformed/],
  } as const
  for (const [code, [ErrorCode, ErrorDesc]] of Object.entries(codes))
    t.match(told(code), { status: 'FAIL', ErrorCode, ErrorDesc, DocId: '' }, code)
})

t.test('the operation is known where its line was read', async (t) => {
  const list = told(
    'HPE_INVALID_HEADER_TOKEN',
    'POST /a/b/getReceivedEdocList HTTP/1.1\r\nbad header\r\n\r\n',
  )
  t.strictSame(asVendorClient('getReceivedEdocList', list.body).data, [])
  const count = told('HPE_HEADER_OVERFLOW', `POST /countReceiveEdoc HTTP/1.1\r\nx: ${'y'.repeat(100_000)}`)
  t.equal(asVendorClient('countReceiveEdoc', count.body).count, 0)
})

t.test('anything else is answered as sendEdoc, whose client needs one field more', async (t) => {
  for (const request of [
    '\x16\x03\x01',
    'POST /',
    'POST /nothing HTTP/1.1',
    `POST /${'x'.repeat(5_000)}`,
    '{"a":1}',
  ])
    t.equal(asVendorClient('sendEdoc', told('HPE_INVALID_CONSTANT', request).body).DocId, '')
})
