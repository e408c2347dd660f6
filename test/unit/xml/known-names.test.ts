import t from 'tap'
import { plainNamespace, plainQName } from '../../../src/xml/known-names.ts'
import { readPlainXml } from '../../../src/xml/plain-read.ts'

t.test('names are told in their parts, the same each time', async (t) => {
  t.match(plainQName('p:a'), { name: 'p:a', prefix: 'p', local: 'a' })
  t.match(plainQName('__proto__'), { name: '__proto__', prefix: '', local: '__proto__' })
  t.equal(plainQName('p:a'), plainQName('p:a'))
  for (const name of ['', '1', ':a', 'a:', 'a:b:c', 'xml', 'xmlns:a', 'é'])
    t.equal(plainQName(name), undefined, name)
  t.equal(plainNamespace('urn:x'), 'urn:x')
  for (const uri of ['', 'x', 'http://www.w3.org/XML/1998/namespace'])
    t.equal(plainNamespace(uri), undefined, uri)
})

t.test('whoever writes many names has none of them read otherwise, nor those of others', async (t) => {
  for (let from = 0; from < 10_000; from += 1_000) {
    const names = Array.from({ length: 1_000 }, (_, index) => `n${from + index}`)
    const root = readPlainXml(Buffer.from(`<r>${names.map((name) => `<${name}/>`).join('')}</r>`))?.root
    t.strictSame(
      root?.children.map((child) => child.kind === 'element' && child.local),
      names,
    )
    t.match(readPlainXml(Buffer.from('<p:a xmlns:p="urn:p"><b/></p:a>'))?.root, { local: 'a', uri: 'urn:p' })
  }
})
