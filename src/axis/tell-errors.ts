/**
 * The same pieces; an error by which the content itself ends is told. What a reader throws into it, as streams do when
 * they are destroyed, is not.
 */
export async function* tellErrors<T>(
  content: AsyncIterable<T>,
  tell: (error: unknown) => void,
): AsyncGenerator<T, void, undefined> {
  for await (const piece of telling(content, tell)) yield piece
}

async function* telling<T>(content: AsyncIterable<T>, tell: (error: unknown) => void): AsyncGenerator<T> {
  try {
    for await (const piece of content) yield piece
  } catch (error) {
    tell(error)
    throw error
  }
}
