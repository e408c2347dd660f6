import t from 'tap'
import { commandOf, takenUnder } from '../../../scripts/bench/taken-under.ts'

const VALUES = {
  only: 'small,flat',
  seconds: '20',
  seed: '1',
  documents: '1000000',
  bytes: '1024',
  write: true,
}

t.test('the line above the figures repeats what they depend on', async (t) => {
  t.equal(commandOf('small', VALUES), 'npm run bench -- --only small --seconds 20 --seed 1')
  t.equal(
    commandOf('flat', { ...VALUES, rate: '30' }),
    'npm run bench -- --only flat --seconds 20 --seed 1 --rate 30 --documents 1000000',
  )
  t.match(commandOf('gigabyte', VALUES), / --bytes 1024$/)
})

t.test('it names the commit, the load before, and the command', async (t) => {
  const line = takenUnder('commit 92e151c', 'npm run bench -- --only small', '0.4')
  t.match(line, /PostgreSQL on [a-z]/)
  t.match(line, /commit 92e151c, load average 0\.4 as it began and \d+\.\d as it ended, `npm run bench/)
})
