/** An MSRP request that was not answered 200; a lost connection or no answer in time counts as 408. */
export class MsrpFailureError extends Error {
  readonly kind = 'MsrpFailure';
  override readonly name = 'MsrpFailureError';
  readonly code: number;

  constructor(code: number, comment: string) {
    super(`MSRP ${code} ${comment}`.trimEnd());
    this.code = code;
  }
}
