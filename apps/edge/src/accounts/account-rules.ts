import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';

/** What may stand in the user part of an address without escapes, save what separates things elsewhere. */
const name = /^[A-Za-z0-9\-_.!~*+=]{1,64}$/;
/** Global-number of a tel URI, with or without its visual separators. @spec RFC 3966 §3 */
const globalNumber = /^\+[0-9]([0-9().-]{0,30}[0-9])?$/;
const reserved: ReadonlySet<string> = new Set(['list', 'factory']);
const maxPassword = 256;
const maxDisplayName = 128;

/** Fields of an account as somebody asks for them. */
export interface AccountWish {
  readonly name: string;
  readonly password: string;
  readonly displayName: string;
  readonly tel: string;
}

/** Whether something with an address here may have the name: accounts and lists share one space of names. */
export function isAccountName(text: string): boolean {
  return name.test(text) && !reserved.has(text);
}

/** Whether an account may look like this; the refusal names the field. */
export function checkAccount(wish: AccountWish): Result<AccountWish, Refusal> {
  if (!name.test(wish.name)) {
    return invalid('name: expected 1 to 64 letters, digits or any of - _ . ! ~ * + =');
  }
  if (reserved.has(wish.name)) return invalid(`name: ${wish.name} is an address of the server itself`);
  if (wish.displayName.length > maxDisplayName)
    return invalid(`displayName: expected at most ${maxDisplayName} characters`);
  if (wish.tel !== '' && !globalNumber.test(wish.tel)) return invalid('tel: expected a number such as +358555123');
  const password = checkPassword(wish.password);
  return password.ok ? ok(wish) : password;
}

/** Whether a password may be used at all. */
export function checkPassword(password: string): Result<string, Refusal> {
  return password.length >= 1 && password.length <= maxPassword
    ? ok(password)
    : invalid(`password: expected 1 to ${maxPassword} characters`);
}

function invalid(message: string): Result<never, Refusal> {
  return err(refusal(400, 'Invalid Account', message));
}
