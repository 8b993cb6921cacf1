import * as v from 'valibot';
import { exactly, textOf } from './validate.ts';

const nameMessage = 'expected 1 to 64 letters, digits or any of - _ . ! ~ * + =';
/** Global-number of a tel URI, its visual separators included. @spec RFC 3966 §3 */
const telMessage = 'expected a number such as +358555123, or an empty text';

const password = textOf(1, 256);

/** Body of POST /users. */
export const newUser = exactly({
  name: v.pipe(v.string(nameMessage), v.regex(/^[A-Za-z0-9\-_.!~*+=]{1,64}$/, nameMessage)),
  password,
  displayName: v.optional(textOf(0, 128), ''),
  tel: v.optional(v.pipe(v.string(telMessage), v.regex(/^(?:\+[0-9](?:[0-9().-]{0,30}[0-9])?)?$/, telMessage)), ''),
});

/** Body of PUT /users/{name}/password. */
export const newPassword = exactly({ password });
