import t from 'tap'
import { KEY_FAULTS, KeyFault, keyFaultText } from '../../../src/signature/keys/key-fault.ts'
import { parsePkcs11Uri } from '../../../src/signature/keys/pkcs11-uri.ts'
import { openPkcs12 } from '../../../src/signature/keys/pkcs12.ts'

t.test('every reason is told in both languages, with what was found in both', async (t) => {
  for (const [id, { vi, en }] of Object.entries(KEY_FAULTS)) {
    t.match(vi, /[à-ỹđ]/i, `${id}: Vietnamese has its diacritics`)
    t.not(vi, en)
    t.equal(vi.split('{}').length, en.split('{}').length, id)
  }
  const { text, message } = new KeyFault('uri-twice', { found: 'pin-source $&' })
  t.same(text, {
    vi: 'pin-source $& xuất hiện hai lần trong URI pkcs11:',
    en: 'pin-source $& stands twice in the pkcs11: URI',
  })
  t.equal(message, text.en)
})

t.test('what opens keys says why in both', async (t) => {
  const refusal = (work: () => unknown) =>
    Promise.resolve()
      .then(work)
      .then(() => t.fail('it was taken'), keyFaultText)
  t.same(await refusal(() => openPkcs12(Buffer.from('x'), '')), KEY_FAULTS['pkcs12-none'])
  t.same(await refusal(() => parsePkcs11Uri('pkcs11:object=a')), KEY_FAULTS['uri-module'])
  t.same(keyFaultText(new Error('CKR_DEVICE_ERROR:48')), {
    vi: 'không đọc được (CKR_DEVICE_ERROR:48)',
    en: 'it cannot be read (CKR_DEVICE_ERROR:48)',
  })
  t.equal(keyFaultText('lạ').en, 'it cannot be read (lạ)')
})
