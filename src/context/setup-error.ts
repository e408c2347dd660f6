/** What the configuration names cannot be used: whoever runs the process has to mend it. */
export class SetupError extends Error {
  constructor(variable: string, cause: unknown) {
    super(`${variable}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = 'SetupError'
  }
}

/** @throws SetupError naming the variable where what it names cannot be made use of */
export async function named<T>(variable: string, making: Promise<T>): Promise<T> {
  try {
    return await making
  } catch (cause) {
    throw new SetupError(variable, cause)
  }
}
