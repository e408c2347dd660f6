import t from 'tap'
import { csvCell } from '../../../src/sheets/csv-cell.ts'

t.test('a formula is text wherever a spreadsheet may begin a cell', async (t) => {
  const cells: Record<string, string> = {
    'V/v kết nối, liên thông': '"V/v kết nối, liên thông"',
    'a-b=c': 'a-b=c',
    '=1+1': "'=1+1",
    '＝1+1': "'＝1+1",
    '\n=1+1': `"'\n'=1+1"`,
    'a\n=1+1': `"a\n'=1+1"`,
    'a\r\n@x': `"a\r\n'@x"`,
    '\t=1': `"'\t'=1"`,
    'x;=1+1': `"x;'=1+1"`,
    'x;y': '"x;y"',
    'x\ty': '"x\ty"',
    '=a "b"': `"'=a ""b"""`,
  }
  for (const [text, cell] of Object.entries(cells)) t.equal(csvCell(text), cell, JSON.stringify(text))
})
