/** Methods that some part of Parley is the UAS of, or that it passes between users. */
export const knownMethods: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'MESSAGE',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'UPDATE',
  'INFO',
  'PRACK',
  'PUBLISH',
]);

/** Allow of the server itself. */
export const serverMethods = 'OPTIONS, REGISTER';

/** Allow of rooms. */
export const roomMethods = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, REFER, SUBSCRIBE';

/** Event packages of rooms, for Allow-Events. @spec RFC 4575 §3.1 */
export const roomEvents = 'conference';
