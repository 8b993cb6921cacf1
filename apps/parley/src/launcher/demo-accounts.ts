/** Accounts made on a loopback address when nobody asks for others: name and password, both documented. */
export const demoAccounts: readonly (readonly [name: string, password: string])[] = [
  ['alice', 'secret'],
  ['bob', 'secret'],
  ['carol', 'secret'],
];

/** The demo accounts as a value of `PARLEY_USERS`. */
export function demoUsers(): string {
  return demoAccounts.map(([name, password]) => `${name}:${password}`).join(',');
}
