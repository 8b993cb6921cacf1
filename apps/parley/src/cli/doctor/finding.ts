/** What a check found: all is well, worth knowing, or something that will not work. */
export interface Finding {
  readonly check: 'ports' | 'nats' | 'services' | 'sip' | 'certificate' | 'dns';
  readonly state: 'ok' | 'note' | 'problem';
  /** What is there. */
  readonly found: string;
  /** What to do about it; empty when nothing has to be done. */
  readonly advice: string;
}

/** Builds a {@link Finding}. */
export function finding(check: Finding['check'], state: Finding['state'], found: string, advice = ''): Finding {
  return { check, state, found, advice };
}

/** Text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
