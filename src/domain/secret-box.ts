/** Encrypts small secrets for the database: whoever has only one of database and secret has nothing. */
export interface SecretBox {
  /** @param owner what the secret belongs to: it opens for nothing else */
  close(plain: string, owner: string): Uint8Array
  /** @throws Error where it was closed under another secret, for another owner, or is damaged */
  open(sealed: Uint8Array, owner: string): string
}
