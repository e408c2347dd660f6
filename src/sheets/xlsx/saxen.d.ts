declare module 'saxen' {
  /** Answers the attributes of the element that is being opened; an Error where they are malformed. */
  export type AttributeGetter = () => Readonly<Record<string, string>> | Error

  export interface Events {
    openTag: (name: string, attributes: AttributeGetter) => void
    closeTag: (name: string) => void
    text: (text: string, decodeEntities: (text: string) => string) => void
    cdata: (text: string) => void
    /** `<!DOCTYPE …>` and whatever else begins so. */
    attention: (text: string) => void
    error: (error: Error) => void
    warn: (warning: Error) => void
  }

  export class Parser {
    on<E extends keyof Events>(event: E, listener: Events[E]): this
    write(chunk: string): this
    end(): this
  }
}
