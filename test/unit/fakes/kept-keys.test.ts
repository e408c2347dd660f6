import t from 'tap'
import { rsaKeys } from '../../../scripts/rsa-keys.ts'

t.test('kept keys: no two of one process are the same, and each is a pair', async (t) => {
  const made = Array.from({ length: 4 }, () => rsaKeys.make())
  const publicKeys = made.map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }))
  t.equal(new Set(publicKeys).size, made.length)
  for (const { privateKey, publicKey } of made) {
    t.equal(publicKey.asymmetricKeyDetails?.modulusLength, 2048)
    t.equal(privateKey.asymmetricKeyType, 'rsa')
  }
})
