import type { Case, Corpus } from './judged.ts'
import { c14n, tsp } from './octet-corpora.ts'
import {
  cmsMisc,
  dssCades,
  dssPades,
  mutations,
  pdfMisc,
  pyhankoPdf,
  xmlDtdAttacks,
} from './other-corpora.ts'
import { x509BsslChains, x509Limbo, x509Pkits } from './path-corpora.ts'
import { type CorpusResult, runCorpus, type Selection } from './run-corpus.ts'
import { crlOcsp } from './status-corpus.ts'
import { dssXades, xmldsigAttacks, xmldsigInterop } from './xml-corpora.ts'

type Run = (folder: string, selection?: Selection) => Promise<CorpusResult | undefined>

const runOf =
  <C extends Case>(corpus: Corpus<C>): Run =>
  (folder, selection) =>
    runCorpus(corpus, folder, selection)

/** Every corpus that the verifier is judged by, by the name of its folder. */
export const CORPORA: Readonly<Record<string, Run>> = {
  'dss-xades': runOf(dssXades),
  'xmldsig-interop': runOf(xmldsigInterop),
  'xmldsig-attacks': runOf(xmldsigAttacks),
  'dss-pades': runOf(dssPades),
  'pyhanko-pdf': runOf(pyhankoPdf),
  'pdf-misc': runOf(pdfMisc),
  'dss-cades': runOf(dssCades),
  'cms-misc': runOf(cmsMisc),
  c14n: runOf(c14n),
  tsp: runOf(tsp),
  'crl-ocsp': runOf(crlOcsp),
  'x509-pkits': runOf(x509Pkits),
  'x509-bssl-chains': runOf(x509BsslChains),
  'x509-limbo': runOf(x509Limbo),
  mutations: runOf(mutations),
  'xml-dtd-attacks': runOf(xmlDtdAttacks),
}
