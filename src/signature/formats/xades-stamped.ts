import { attributeOf, childElements, isInside, type XmlElementNode } from '../../xml/nodes.ts'
import { isXades, unsignedProperties } from './xades-properties.ts'
import { type Canonicalization, DEFAULT_CANONICALIZATION } from './xml-canonical.ts'
import type { Octets as Piece } from './xml-streamed.ts'
import { dereference } from './xmldsig-data.ts'
import type { Place } from './xmldsig-place.ts'
import type { ResolvedReference } from './xmldsig-references.ts'
import { canonicalizationFrom } from './xmldsig-signed-info.ts'
import { canonicalOctets, toOctets, transformed } from './xmldsig-transforms.ts'
import { isDsig } from './xmldsig-tree.ts'

/** A signature with what its references lead to. */
export interface StampedParts {
  readonly signature: XmlElementNode
  readonly references: readonly ResolvedReference[]
  /** Whether each reference of SignedInfo leads somewhere. */
  readonly isComplete: boolean
  readonly place: Place
}

type Octets = Piece[]
type Rule = (parts: StampedParts, property: XmlElementNode, method: Canonicalization) => Octets | undefined

/** What each timestamp property stands over, before the Include elements of its explicit mechanism. */
const RULES: Readonly<Record<string, Rule>> = {
  AllDataObjectsTimeStamp: allDataObjects,
  SignatureTimeStamp: (parts, _, method) => [element(part(parts, 'SignatureValue'), method, parts)],
  SigAndRefsTimeStamp: (parts, property, method) => [
    element(part(parts, 'SignatureValue'), method, parts),
    ...before(parts, property, method, STAMPED_WITH_REFERENCES),
  ],
  RefsOnlyTimeStamp: (parts, property, method) => before(parts, property, method, REFERENCES),
  ArchiveTimeStamp: archive,
}

const REFERENCES = /^(?:Complete(?:Certificate|Revocation)|Attribute(?:Certificate|Revocation))Refs(?:V2)?$/
const STAMPED_WITH_REFERENCES =
  /^(?:SignatureTimeStamp|(?:Complete(?:Certificate|Revocation)|Attribute(?:Certificate|Revocation))Refs(?:V2)?)$/

/**
 * The octets that a timestamp of XAdES stands over (EN 319 132-1 §5.2.8 to §5.5.2, TS 101 903 §7), in pieces; undefined
 * where they cannot be had.
 * @throws SignatureStop where a part cannot be canonicalised
 */
export function stampedOctets(property: XmlElementNode, parts: StampedParts): Octets | undefined {
  const children = childElements(property)
  const named = children.find((child) => isDsig(child, 'CanonicalizationMethod'))
  const method = named === undefined ? DEFAULT_CANONICALIZATION : canonicalizationFrom(named)
  if (method === undefined) return undefined
  const hashed = children.filter(({ local }) => local === 'HashDataInfo')
  if (hashed.length > 0)
    return namesItsDue(hashed, property, parts)
      ? hashed.map((one) => hashDataInfo(one, method, parts))
      : undefined
  const includes = children.filter(({ local }) => local === 'Include')
  const isArchive = property.local.startsWith('Archive')
  if (includes.length > 0 && !isArchive)
    return namesItsDue(includes, property, parts)
      ? includes.map((one) => included(one, method, parts))
      : undefined
  const rule = RULES[property.local.replace(/V2$/, '')]
  return rule?.(parts, property, method)
}

/**
 * Whether the explicit mechanism names at least what a timestamp of that kind proves. What it names is not signed: anybody
 * may put a token there that a TSA made for something else, with that beside it.
 */
function namesItsDue(
  written: readonly XmlElementNode[],
  property: XmlElementNode,
  parts: StampedParts,
): boolean {
  const named = new Set(written.filter(isHarmless).map((one) => targetOf(one, parts)))
  return dueOf(property, parts).every((one) => named.has(one))
}

function dueOf(property: XmlElementNode, parts: StampedParts): XmlElementNode[] {
  const value = part(parts, 'SignatureValue')
  const all = unsignedProperties(parts.signature)
  if (property.local.startsWith('Archive'))
    return [part(parts, 'SignedInfo'), value, ...all.slice(0, all.indexOf(property))]
  return property.local.startsWith('Sig') ? [value] : []
}

/** Transforms that leave something out leave the token over nothing. */
const isHarmless = (written: XmlElementNode): boolean =>
  childElements(written)
    .flatMap(childElements)
    .every((one) => canonicalizationFrom(one) !== undefined)

function targetOf(written: XmlElementNode, { place }: StampedParts): unknown {
  const data = dereference(place.document, attributeOf(written, 'URI') ?? attributeOf(written, 'uri'))
  return data.kind === 'nodes' ? data.set.apex : undefined
}

const part = ({ signature }: StampedParts, name: string): XmlElementNode =>
  childElements(signature).find((child) => isDsig(child, name)) ?? signature

const element = (apex: XmlElementNode, method: Canonicalization, { place }: StampedParts): Piece =>
  canonicalOctets({ kind: 'nodes', set: { apex }, withComments: true, isOwn: true }, method, place.budget)

const SIGNED_PROPERTIES = /^http:\/\/uri\.etsi\.org\/01903(?:\/v\d\.\d\.\d)?\/?#SignedProperties$/

/** Every reference but that to the signed properties, in which such a timestamp itself stands. */
function allDataObjects(parts: StampedParts, property: XmlElementNode, method: Canonicalization) {
  const others = parts.references.filter(
    ({ reference, target }) =>
      !SIGNED_PROPERTIES.test(reference.type ?? '') &&
      !(target !== 'external' && target.kind === 'element' && isInside(property, target)),
  )
  return parts.isComplete ? others.map((one) => toOctets(one.data, parts.place, method)) : undefined
}

function before(
  parts: StampedParts,
  property: XmlElementNode,
  method: Canonicalization,
  names: RegExp,
): Octets {
  const all = unsignedProperties(parts.signature)
  return all
    .slice(0, all.indexOf(property))
    .filter((one) => isXades(one) && names.test(one.local))
    .map((one) => element(one, method, parts))
}

/**
 * All that was signed, the signature, every unsigned property before, and the other objects: by TS 101 903 v1.3.2 §7.7.1
 * those that no reference leads to, by v1.4.1 §8.2.1 (EN 319 132-1 §5.5.2.2) all but that of the properties.
 */
function archive(
  parts: StampedParts,
  property: XmlElementNode,
  method: Canonicalization,
): Octets | undefined {
  if (!parts.isComplete) return undefined
  const { signature, references, place } = parts
  const children = childElements(signature)
  const core = children.filter((one) => CORE.some((name) => isDsig(one, name)))
  const all = unsignedProperties(signature)
  const isOld = property.uri !== XADES_141
  const objects = children.filter(
    (one) =>
      isDsig(one, 'Object') &&
      !childElements(one).some(({ local }) => local === 'QualifyingProperties') &&
      !(isOld && references.some(({ target }) => target === one)),
  )
  return [
    ...references.map((one) => toOctets(one.data, place, method)),
    ...[...core, ...all.slice(0, all.indexOf(property)), ...objects].map((one) =>
      element(one, method, parts),
    ),
  ]
}

const CORE = ['SignedInfo', 'SignatureValue', 'KeyInfo']
const XADES_141 = 'http://uri.etsi.org/01903/v1.4.1#'

/** Include (TS 101 903 §7.1.4.3.1): an element, or what a Reference leads to where `referencedData` asks for it. */
function included(include: XmlElementNode, method: Canonicalization, parts: StampedParts): Piece {
  const uri = attributeOf(include, 'URI') ?? attributeOf(include, 'uri')
  const data = dereference(parts.place.document, uri)
  const apex = data.kind === 'nodes' ? data.set.apex : undefined
  const isReference = apex?.kind === 'element' && isDsig(apex, 'Reference')
  if (isReference && attributeOf(include, 'referencedData') !== 'false') {
    const id = attributeOf(apex, 'Id')
    const found = parts.references.find(({ reference }) => id !== undefined && reference.id === id)
    if (found !== undefined) return toOctets(found.data, parts.place, method)
  }
  return toOctets(data, parts.place, method)
}

/** HashDataInfo of XAdES 1.1.1 and 1.2.2: a URI with transforms, as a Reference has. */
function hashDataInfo(info: XmlElementNode, method: Canonicalization, { place }: StampedParts): Piece {
  const uri = attributeOf(info, 'uri') ?? attributeOf(info, 'URI')
  const transforms = childElements(info).flatMap(childElements)
  const first = dereference(place.document, uri)
  return toOctets(
    transforms.reduce((data, one) => transformed(data, one, place), first),
    place,
    method,
  )
}
