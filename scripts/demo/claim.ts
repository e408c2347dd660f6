import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Somebody else's demo has the folder. */
export class DemoRunning extends Error {
  constructor() {
    super(
      'Một bản trình diễn đang chạy từ thư mục này: hãy dùng nó, hoặc dừng nó bằng Ctrl-C. / A demo is already running from this folder: use that one, or end it with Ctrl-C.',
    )
  }
}

/**
 * Keeps a folder to this process, until the answer is called. The claim of a process that is gone counts for nothing.
 * @throws DemoRunning where a process that is alive has the folder
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'claim')
  const mine = `${process.pid} ${await startedAt(process.pid)}`
  if (!(await claim(path, mine))) {
    if (await isAlive(await readFile(path, 'utf8').catch(() => ''))) throw new DemoRunning()
    await rm(path, { force: true })
    if (!(await claim(path, mine))) throw new DemoRunning()
  }
  return () => rm(path, { force: true })
}

/** Whether the claim could be made: whole, and by one process alone. */
async function claim(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`
  await writeFile(draft, text)
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function isAlive(claim: string): Promise<boolean> {
  const [pid = '', since] = claim.split(' ')
  return /^\d+$/.test(pid) && since !== undefined && (await startedAt(Number(pid))) === since
}

/** When a process began, in clock ticks since the machine did (proc(5), `starttime`): numbers of processes come again. */
async function startedAt(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name of the program stands in brackets and may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
