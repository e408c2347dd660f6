/** An option of a command as `parseArgs` takes it. */
interface Option {
  readonly type: 'string' | 'boolean'
  readonly default?: string | boolean
}

/**
 * What a command takes, for people: its purpose, and each option with what is said of it and what stands where it is left
 * out. @param command as it is typed, such as `npm run bench --`
 */
export function usage<Name extends string>(
  command: string,
  purpose: string,
  options: Readonly<Record<Name, Option>>,
  about: Readonly<Record<Name, string>>,
): string {
  const lines = Object.entries<Option>(options).map(([name, option]) => {
    const left = typeof option.default === 'string' ? ` (${option.default})` : ''
    const flag = `--${name}${option.type === 'string' ? ' …' : ''}`
    return `  ${flag.padEnd(16)}${about[name as Name]}${left}`
  })
  return [`${command} [options]`, '', purpose, '', ...lines].join('\n')
}

/** The number that an option says. @throws Error where it is none, or not above 0 */
export function positive(name: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && number > 0 && Number.isFinite(number)) return number
  throw new Error(`--${name} is a number above 0`)
}

/** The result of `read`. Where that throws the command ends with 2, and says why in one line. */
export function orEnd<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(2)
  }
}
