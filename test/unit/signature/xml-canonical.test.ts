import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'
import { canonicalizeFile, entitiesBeside } from '../../../src/cli/canonicalize-file.ts'
import { joinUri } from '../../../src/signature/formats/xml-inherit.ts'

const text = (xml: string, alg: string, more: object = {}): string =>
  canonicalizeFile(Buffer.from(xml), { alg, ...more }).toString()

t.test('tags, attributes and characters', async (t) => {
  const xml =
    '<?xml version="1.0"?><!--a--><r  b="2" a=\'1"\' c="&#9;&#10;&#13;x>"><e/>\r\n&#13;&gt;<![CDATA[<&]]><?p q?></r>\n<!--z-->'
  t.equal(
    text(xml, 'c14n10'),
    '<r a="1&quot;" b="2" c="&#x9;&#xA;&#xD;x>"><e></e>\n&#xD;&gt;&lt;&amp;<?p q?></r>',
  )
  t.match(text(xml, 'c14n10#WithComments'), /^<!--a-->\n<r[\s\S]*<\/r>\n<!--z-->$/)
})

t.test('namespaces: what is in force is not said again', async (t) => {
  const xml = '<a:r xmlns:a="u:a" xmlns="u:d" xmlns:z="u:z"><e xmlns=""><a:f xmlns:a="u:a"/></e></a:r>'
  t.equal(
    text(xml, 'c14n10'),
    '<a:r xmlns="u:d" xmlns:a="u:a" xmlns:z="u:z"><e xmlns=""><a:f></a:f></e></a:r>',
  )
  t.equal(text(xml, 'exc'), '<a:r xmlns:a="u:a"><e><a:f></a:f></e></a:r>')
  t.equal(
    text(xml, 'exc', { prefixes: 'z #default' }),
    '<a:r xmlns="u:d" xmlns:a="u:a" xmlns:z="u:z"><e xmlns=""><a:f></a:f></e></a:r>',
  )
  t.equal(text(xml, 'exc', { elementIndex: 2 }), '<a:f xmlns:a="u:a"></a:f>')
  t.equal(text(xml, 'c14n10', { elementIndex: 2 }), '<a:f xmlns:a="u:a" xmlns:z="u:z"></a:f>')
})

t.test('attributes in the order of their namespaces, by code points', async (t) => {
  const xml = '<r xmlns:b="u:1" xmlns:a="u:2" a:x="1" b:y="2" z="3" 𐀀="4" ﬀ="5"/>'
  t.equal(text(xml, 'c14n10'), '<r xmlns:a="u:2" xmlns:b="u:1" z="3" ﬀ="5" 𐀀="4" b:y="2" a:x="1"></r>')
})

t.test('an element apart inherits xml: attributes, in each algorithm its own', async (t) => {
  const xml =
    '<r xml:lang="vi" xml:id="i" xml:base="http://a/b/c"><s xml:base="d/"><e xml:base="f" /></s></r>'
  t.equal(text(xml, 'c14n10', { elementIndex: 2 }), '<e xml:base="f" xml:id="i" xml:lang="vi"></e>')
  t.equal(text(xml, 'c14n11', { elementIndex: 2 }), '<e xml:base="http://a/b/d/f" xml:lang="vi"></e>')
  t.equal(text(xml, 'exc', { elementIndex: 2 }), '<e xml:base="f"></e>')
})

t.test('URIs are joined', async (t) => {
  t.equal(joinUri('foo/bar/x', '..'), 'foo/')
  t.equal(joinUri('http://x/a/b', '../c'), 'http://x/c')
  t.equal(joinUri('../a', '../b'), '../../b')
  t.equal(joinUri('http://x', 'y'), 'http://x/y')
  t.equal(joinUri('http://x/a', 'ftp://y//z/./q'), 'ftp://y/z/q')
})

t.test('a DOCTYPE: its own entities and defaults, nothing from elsewhere', async (t) => {
  const internal = '<!DOCTYPE r [<!ENTITY e "<b>x</b>"><!ATTLIST r d CDATA "1">]><r>&e;</r>'
  t.equal(text(internal, 'c14n10'), '<r d="1"><b>x</b></r>')
  const external = '<!DOCTYPE r [<!ENTITY e SYSTEM "e.txt">]><r>&e;</r>'
  t.throws(() => text(external, 'c14n10'))
  t.equal(text(external.replace('e.txt', 'file:///etc/hostname'), 'c14n10'), '<r></r>')
  const entity = (name: string) => (name === 'e.txt' ? Buffer.from('a &#38; <c q="1"/> "%x;"') : undefined)
  t.equal(text(external, 'c14n10', { entity }), '<r>a &amp; <c q="1"></c> "%x;"</r>')
  for (const name of ['/etc/hostname', '../x', 'http://127.0.0.1/x', '.hidden'])
    t.equal(entitiesBeside('/etc/hosts')(name), undefined)
})

t.test('an expansion that grows without end is refused', async (t) => {
  const levels = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`)
  const bomb = `<!DOCTYPE r [<!ENTITY e0 "xxxxxxxxxx">${levels.join('')}]><r>&e30;</r>`
  t.throws(() => text(bomb, 'c14n10'))
})

t.test('what does not exist is a mistake of use', async (t) => {
  t.throws(() => text('<r/>', 'c14n12'), /--alg/)
  t.throws(() => text('<r/>', 'c14n10', { elementIndex: 1 }), /element 1/)
})

const CORPUS = resolve('../shared/corpora/c14n')

interface Case {
  readonly id: string
  readonly kind: string
  readonly file: string
  readonly algorithm?: string
  readonly elementIndex?: number | null
  readonly xpathSubsetFile?: string
  readonly inclusiveNamespaces?: string
  readonly outputSha256?: string
  readonly outputs?: Readonly<Record<string, { readonly sha256: string }>>
}

/** Some vectors were copied without the file that an entity of theirs names. */
const hasItsEntities = (bytes: Uint8Array, file: string): boolean =>
  [
    ...Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/<!ENTITY\s+\S+\s+SYSTEM\s+"([^"]+)"\s*>/g),
  ].every(([, name]) => existsSync(join(dirname(file), name!)))

const skip = existsSync(CORPUS) ? false : 'the corpora are not at hand'

t.test('octets of others', { skip }, async (t) => {
  const cases: Case[] = JSON.parse(readFileSync(join(CORPUS, 'cases.json'), 'utf8')).cases
  let agreed = 0
  for (const one of cases.filter(({ kind }) => kind !== 'reference-octets')) {
    const file = join(CORPUS, one.file)
    if (!existsSync(file)) continue
    const bytes = readFileSync(file)
    const outputs = one.outputs ?? { [one.algorithm!]: { sha256: one.outputSha256! } }
    for (const [alg, { sha256 }] of Object.entries(outputs)) {
      try {
        const octets = canonicalizeFile(bytes, {
          alg,
          elementIndex: one.elementIndex ?? null,
          prefixes: one.inclusiveNamespaces ?? null,
          entity: entitiesBeside(file),
          ...(one.xpathSubsetFile !== undefined && {
            xpath: readFileSync(join(CORPUS, one.xpathSubsetFile)),
          }),
        })
        if (createHash('sha256').update(octets).digest('hex') === sha256) agreed++
        else t.fail(`${one.id} ${alg}`)
      } catch (error) {
        if (hasItsEntities(bytes, file)) t.fail(`${one.id} ${alg}: ${(error as Error).message}`)
        else t.comment(`${one.id}: a file that it names is not beside it`)
      }
    }
  }
  t.ok(agreed > 0, `${agreed} agree`)
})
