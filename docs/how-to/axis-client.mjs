// Calls the axis interface as the vendor's client library does, with nothing but Node: to try a connection by hand.
//   export AXIS=https://truc.example.gov.vn:8443/axis SYSTEM=qlvb-h17 SECRET=…
//   node axis-client.mjs getReceivedEdocList servicetype=eDoc messagetype=edoc
//   node axis-client.mjs sendEdoc from=H17 servicetype=eDoc messagetype=edoc @van-ban.edxml
//   node axis-client.mjs getEdoc docId=… > goi-tin.edxml
//   node axis-client.mjs registerAgency @don-vi.json
// Where the other side's TLS certificate is by an authority of its own: export NODE_EXTRA_CA_CERTS=ca.pem
import { createHash, createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'

const { AXIS, SYSTEM, SECRET } = process.env
const [operation, ...rest] = process.argv.slice(2)
if (!AXIS || !SYSTEM || !SECRET || !operation) throw new Error('AXIS, SYSTEM, SECRET and an operation are needed')
const file = rest.find((one) => one.startsWith('@'))
const content = file === undefined ? undefined : await readFile(file.slice(1))
const packet = operation === 'sendEdoc' ? content : undefined

function fail(text) {
  console.error(text)
  process.exit(1)
}

/** `ddMMyyyy'T'HHmmss+SSSS` by the clock of Vietnam; the last four digits are milliseconds. */
function timestamp(now = new Date()) {
  const local = new Date(now.getTime() + 7 * 3_600_000).toISOString()
  const [, year, month, day, hour, minute, second, ms] = local.match(/(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d+)/)
  return `${day}${month}${year}T${hour}${minute}${second}+0${ms}`
}

const named = {
  systemid: SYSTEM,
  timestamp: timestamp(),
  'Content-Type': packet === undefined ? 'application/json' : 'application/octet-stream',
  ...Object.fromEntries(rest.filter((one) => one !== file).map((one) => one.split(/=(.*)/s).slice(0, 2))),
  ...(packet && { 'hash-file': createHash('sha256').update(packet).digest('hex') }),
}
const headers = Object.fromEntries(Object.entries(named).map(([name, value]) => [`XroadVnpt-${name}`, value]))
const signed = JSON.stringify(headers)
/** A header's value as its UTF-8 bytes, over which the hash is made. */
const bytes = (value) => Buffer.from(value, 'utf8').toString('latin1')
const response = await fetch(`${AXIS}/${operation}`, {
  method: operation === 'downloadEdoc' ? 'GET' : 'POST',
  headers: {
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, bytes(value)])),
    'Content-Type': named['Content-Type'],
    'XroadVnpt-sign-header-key': Object.keys(named).join(';'),
    'XroadVnpt-sign-header': bytes(signed),
    'XroadVnpt-hash-header': createHmac('sha256', SECRET).update(signed).digest('hex'),
    'XroadVnpt-version': '3.0.201608',
  },
  // The vendor's client puts an end of line behind the packet, and leaves it out of the hash.
  ...(operation !== 'downloadEdoc' && { body: packet ? Buffer.concat([packet, Buffer.from('\r\n')]) : (content ?? '{}') }),
}).catch(({ message, cause }) => fail(`${message}: ${cause?.message ?? ''}`))
const body = Buffer.from(
  await response.arrayBuffer().catch(() => fail('The answer broke off: what came of it is worth nothing.')),
)
if (operation === 'downloadEdoc') {
  if (body.length === 0) fail('The answer is empty: getEdoc with the same docId tells why.')
  process.stdout.write(body)
} else {
  const answer = answerIn(body.toString())
  if (operation === 'getEdoc' && answer.status === 'OK') process.stdout.write(Buffer.from(answer.data, 'base64'))
  else console.log(JSON.stringify(answer, null, 2))
  if (answer.status !== 'OK') process.exitCode = 1
}

function answerIn(text) {
  try {
    return JSON.parse(text)
  } catch {
    return fail(`HTTP ${response.status}, and no JSON: ${text.slice(0, 200)}`)
  }
}
