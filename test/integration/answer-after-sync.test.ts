import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { agencyDoor } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A system call that has begun, or has ended, in the order in which the kernel saw it. */
interface Moment {
  readonly call: string
  readonly text: string
  readonly at: 'begin' | 'end'
}

const LINE = /^(\d+) +(?:<\.\.\. (\w+) resumed>(.*)|(\w+)\((.*))$/

/** Reads what `strace -f` wrote: a call that others come between stands in two lines. */
function readTrace(trace: string): Moment[] {
  const open = new Map<string, string>()
  return trace.split('\n').flatMap((line): Moment[] => {
    const [, thread = '', resumed, , call = '', text = ''] = LINE.exec(line) ?? []
    if (thread === '') return []
    if (resumed !== undefined) return [{ call: resumed, text: open.get(thread) ?? '', at: 'end' }]
    open.set(thread, text)
    const isWhole = !text.includes('<unfinished ...>')
    return [{ call, text, at: 'begin' }, ...(isWhole ? [{ call, text, at: 'end' } as const] : [])]
  })
}

/** What this process asks of the kernel while `work` runs. */
async function traced(file: string, work: () => Promise<void>): Promise<Moment[]> {
  const calls = 'trace=fsync,fdatasync,rename,write,writev,sendto'
  const tracer = spawn('strace', [
    '-f',
    '-y',
    '-s',
    '400',
    '-e',
    calls,
    '-o',
    file,
    '-p',
    String(process.pid),
  ])
  const attached = once(tracer.stderr, 'data')
  const ended = once(tracer, 'exit')
  await attached
  await work()
  tracer.kill('SIGINT')
  await ended
  return readTrace(await readFile(file, 'utf8'))
}

const findIn = (moments: readonly Moment[], call: RegExp, text: string, at: Moment['at']): number =>
  moments.findIndex((one) => call.test(one.call) && one.text.includes(text) && one.at === at)

/** Where COMMIT is sent. */
function committedBeforeAnswer(t: Test, moments: readonly Moment[]): number {
  const committed = findIn(moments, /^(write|writev|sendto)$/, 'commit\\0', 'begin')
  const answered = findIn(moments, /^(write|writev|sendto)$/, 'HTTP/1.1 201', 'begin')
  t.ok(committed > 0 && answered > committed, `commit at ${committed}, answer at ${answered}`)
  return committed
}

/** A child may look into its parent where that is root's, whatever the machine allows others. */
const mayTrace = process.getuid?.() === 0 && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

t.test(
  'a submission is answered after its bytes, their names and the commit, in this order',
  { skip: !mayTrace && 'needs strace, and root' },
  async (t) => {
    const gateway = await testGateway(t)
    const { system } = await agencyDoor(t, gateway, ['H90'])
    const sender = system('H90')
    const send = async (number: number, length = 60_000) => {
      const bytes = Buffer.alloc(length, `tệp số ${number} `)
      const attachments = [{ name: 'a.txt', type: 'text/plain', bytes }]
      const documentId = `H90,2026/11/20,${number}/UBND`
      const body = await documentPacket({ from: 'H90', to: ['H91'], documentId, attachments })
      const { status } = await sender('POST', '/documents', { body, type: 'application/xml' })
      t.equal(status, 201)
    }
    await send(1)
    const folder = await temporaryFolder(t)
    const moments = await traced(join(folder, 'trace'), () => send(2))

    const find = (call: RegExp, text: string, at: Moment['at']): number => findIn(moments, call, text, at)
    const committed = committedBeforeAnswer(t, moments)

    const names = moments
      .filter(({ call, at }) => call === 'rename' && at === 'begin')
      .map(({ text }) => /"([^"]+)", "([^"]+)"/.exec(text)?.slice(1) ?? [])
    t.equal(names.length, 2, 'packet and attachment; the seal is small')
    for (const [temporary = '', stored = ''] of names) {
      const order = [
        find(/sync$/, `<${temporary}>`, 'end'),
        find(/^rename$/, temporary, 'begin'),
        find(/^rename$/, temporary, 'end'),
        moments.findIndex(
          ({ call, text, at }, index) =>
            /sync$/.test(call) &&
            at === 'begin' &&
            text.includes(`<${dirname(stored)}>`) &&
            index > find(/^rename$/, temporary, 'end'),
        ),
        committed,
      ]
      t.notOk(order.includes(-1), 'bytes on disk, then named, then the name on disk, then committed')
      t.strictSame(
        order,
        [...order].sort((a, b) => a - b),
      )
      const folderSynced = moments.findIndex(
        ({ call, text, at }, index) =>
          /sync$/.test(call) && at === 'end' && text.includes(`<${dirname(stored)}>`) && index > order[3]!,
      )
      t.ok(folderSynced > 0 && folderSynced < committed, 'the folder is on disk before COMMIT is sent')
    }

    const ofSmall = await traced(join(folder, 'small'), () => send(3, 100))
    committedBeforeAnswer(t, ofSmall)
    t.notOk(
      ofSmall.some(({ call }) => /sync$|^rename$/.test(call)),
      'small ones become durable with the commit, and by nothing else',
    )
  },
)
