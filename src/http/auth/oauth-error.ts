/** Errors of the token endpoint (RFC 6749 §5.2). */
export const OAUTH_ERRORS = {
  invalid_request: 400,
  invalid_client: 401,
  unsupported_grant_type: 400,
  invalid_scope: 400,
} as const satisfies Record<string, number>

export type OAuthErrorCode = keyof typeof OAUTH_ERRORS

/** What the token endpoint answers in OAuth's own form. `message` becomes `error_description`: printable ASCII. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode

  constructor(code: OAuthErrorCode, description: string, cause?: unknown) {
    super(description, { cause })
    this.name = 'OAuthError'
    this.code = code
  }
}
