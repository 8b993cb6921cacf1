/** Why an installation does not start; the message is one line that says what to do about it. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
}
