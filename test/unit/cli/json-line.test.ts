import t from 'tap'
import { jsonLine } from '../../../src/cli/json-line.ts'

t.test('a line is one line, and says the same', (t) => {
  const value = { text: 'a\u0085b\u2028c\u2029d\u007fe\nẾ', list: [1, null] }
  const line = jsonLine(value)
  t.same(JSON.parse(line), value)
  t.notMatch(line, /[\n\r\x85\u2028\u2029]/)
  t.match(line, 'Ế')
  t.end()
})
