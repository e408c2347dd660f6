/** Names of what a seal is made of (ETSI EN 319 132-1 §4.2, EN 319 162-1 §4.4). */
export const XADES = 'http://uri.etsi.org/01903/v1.3.2#'
export const XADES_141 = 'http://uri.etsi.org/01903/v1.4.1#'
export const ASIC = 'http://uri.etsi.org/02918/v1.2.1#'
export const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
/** Exclusive Canonical XML 1.0. */
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
