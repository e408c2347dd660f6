import t from 'tap'
import { parsePkcs11Uri } from '../../../src/signature/keys/pkcs11-uri.ts'

const MODULE = 'module-path=/usr/lib/softhsm/libsofthsm2.so'

t.test('the attributes of a key are read', async (t) => {
  const uri = `pkcs11:token=Con%20d%E1%BA%A5u;serial=01ab;slot-id=3;object=kh%C3%B3a;id=%01%a2;type=private?${MODULE}&pin-source=file:/run/pin`
  t.strictSame(parsePkcs11Uri(uri), {
    modulePath: '/usr/lib/softhsm/libsofthsm2.so',
    token: { label: 'Con dấu', serialNumber: '01ab', manufacturer: undefined, model: undefined },
    slotId: 3,
    object: 'khóa',
    id: '01a2',
    pinSource: '/run/pin',
  })
  const withHost = parsePkcs11Uri(`pkcs11:id=%01?${MODULE}&pin-source=file:///run/pin`)
  t.equal(withHost.pinSource, '/run/pin')
  t.equal(parsePkcs11Uri(`pkcs11:object=khóa?${MODULE}`).object, 'khóa', 'unencoded UTF-8 is taken as it is')
})

t.test('a URI that could mean another key, or tells a secret, is refused', async (t) => {
  const cases: [string, RegExp][] = [
    ['file:/key', /not a pkcs11: URI/],
    ['pkcs11:object=a', /no module-path/],
    [`pkcs11:token=a?${MODULE}`, /neither object nor id/],
    [`pkcs11:object=a?${MODULE}&pin-value=1234`, /must not hold the PIN/],
    [`pkcs11:object=a;object=b?${MODULE}`, /twice/],
    [`pkcs11:object=a;colour=red?${MODULE}`, /colour .* is not supported/],
    [`pkcs11:object=a;type=public?${MODULE}`, /no private key/],
    [`pkcs11:object=%zz?${MODULE}`, /malformed/],
    [`pkcs11:object?${MODULE}`, /malformed/],
    [`pkcs11:object=a;slot-id=x?${MODULE}`, /slot-id/],
    [`pkcs11:object=a?${MODULE}?${MODULE}`, /one query/],
  ]
  for (const [uri, why] of cases) t.throws(() => parsePkcs11Uri(uri), why, uri)
  t.notMatch(
    (() => {
      try {
        return parsePkcs11Uri(`pkcs11:object=a?${MODULE}&pin-value=98765432`)
      } catch (error) {
        return String(error)
      }
    })(),
    '98765432',
    'the PIN is not repeated',
  )
})
