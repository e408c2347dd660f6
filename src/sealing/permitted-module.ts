import type { Bilingual } from '../domain/bilingual.ts'
import { GatewayError } from '../domain/problem.ts'
import { keyFaultText } from '../signature/keys/key-fault.ts'
import { type Pkcs11Uri, parsePkcs11Uri } from '../signature/keys/pkcs11-uri.ts'

/**
 * A module is code, and a PIN file any file: neither is chosen from afar.
 * @throws GatewayError `request-invalid`
 */
export function refuseForeignModule(uri: string, permitted: readonly string[]): void {
  const { modulePath, pinSource } = readUri(uri)
  if (pinSource !== undefined)
    throw unusable({
      vi: 'URI không được có pin-source: gửi PIN trong trường pin.',
      en: 'The URI must not have a pin-source: send the PIN in the field pin.',
    })
  if (!permitted.includes(modulePath))
    throw unusable({
      vi: 'Mô-đun PKCS#11 này không có trong TRAM_AGENCY_KEYS_MODULES.',
      en: 'This PKCS#11 module is not in TRAM_AGENCY_KEYS_MODULES.',
    })
}

function readUri(uri: string): Pkcs11Uri {
  try {
    return parsePkcs11Uri(uri)
  } catch (error) {
    const { vi, en } = keyFaultText(error)
    throw unusable({ vi: `URI pkcs11: không hợp lệ: ${vi}.`, en: `The pkcs11: URI is not taken: ${en}.` })
  }
}

const unusable = (hint: Bilingual): GatewayError =>
  new GatewayError('request-invalid', {
    faults: [{ code: 'agency-key-unusable', severity: 'error', path: '#/body/key/uri', hint }],
  })
