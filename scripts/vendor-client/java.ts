import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SOURCES = fileURLToPath(new URL('../../test/interop/vendor-client/', import.meta.url))
/** Of a driver that is compiled against version 2.0.0 as well. */
const COMMON = ['Driver.java', 'Operations.java', 'Told.java', 'Json.java']
const SERVICE = 'com.vpcp.services.KnobstickServiceImp'

/** What a call of the client came to. */
export interface Told {
  /** The fields of the client's result; null where it gave none. */
  readonly result: Readonly<Record<string, unknown>> | null
  /** What the client threw. */
  readonly thrown: string | null
  /** What the client printed on its error stream: it catches exceptions and prints them. */
  readonly printed: string | null
}

export interface JavaDriver {
  /** Which of the two versions the client is, by the operations that it has. */
  readonly version: '2.0.0' | '2.0.1'
  /** One call: see Driver.java. Fields hold no tabs and no line ends. */
  call(...fields: readonly string[]): Promise<Told>
  stop(): Promise<void>
}

/** A class path of the jars that are named, and of those in the folders that are named. */
export async function classPathOf(jars: readonly string[]): Promise<string> {
  const entries: string[] = []
  for (const given of jars.flatMap((one) => one.split(delimiter))) {
    const path = resolve(given)
    if (!(await stat(path)).isDirectory()) entries.push(path)
    else entries.push(path, ...(await readdir(path)).filter(isJar).map((name) => join(path, name)))
  }
  return entries.join(delimiter)
}

const isJar = (name: string): boolean => name.endsWith('.jar')

/**
 * Compiles the driver against the client on the class path, and starts it.
 * @param folder takes the compiled classes
 * @param options of the virtual machine
 * @throws Error where there is no javac, or no client on the class path
 */
export async function startJavaDriver(
  classPath: string,
  folder: string,
  options: readonly string[] = [],
): Promise<JavaDriver> {
  const version = await versionOf(classPath)
  const main = version === '2.0.0' ? 'Driver' : 'DriverSince201'
  const files = [...COMMON, ...(main === 'Driver' ? [] : [`${main}.java`])].map((name) => join(SOURCES, name))
  await run('javac', ['-encoding', 'UTF-8', '-nowarn', '-cp', classPath, '-d', folder, ...files])
  const java = spawn('java', [...options, '-cp', [folder, classPath].join(delimiter), main])
  java.stderr.pipe(process.stderr)
  return { version, ...conversation(java) }
}

/**
 * Which version of the client is on the class path.
 * @throws Error where there is none, or no javap
 */
export async function versionOf(classPath: string): Promise<JavaDriver['version']> {
  const { stdout } = await run('javap', ['-cp', classPath, SERVICE]).catch((cause: unknown) => {
    throw new Error(`no class ${SERVICE} on the class path ${classPath}, or no javap`, { cause })
  })
  return stdout.includes('downloadEdoc') ? '2.0.1' : '2.0.0'
}

function conversation(java: ChildProcessWithoutNullStreams): Pick<JavaDriver, 'call' | 'stop'> {
  const lines = createInterface({ input: java.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => java.once('close', () => resolve()))
  return {
    async call(...fields) {
      if (fields.some((field) => /[\t\r\n]/.test(field)))
        throw new TypeError('a field holds a tab or a line end')
      java.stdin.write(`${fields.join('\t')}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`the driver ended (${java.exitCode ?? java.signalCode})`)
      const told: Told = JSON.parse(value)
      return told
    },
    async stop() {
      java.stdin.end()
      await ended
    },
  }
}
