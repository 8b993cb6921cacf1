import { getSystemErrorMap } from 'node:util';

/** The error of the system with this (positive) number, as Node's own sockets give it. */
export function systemError(call: string, errno: number, where: string): NodeJS.ErrnoException {
  const [code, meaning] = getSystemErrorMap().get(-errno) ?? [String(errno), 'unknown error'];
  return Object.assign(new Error(`${call} ${code}: ${meaning} ${where}`), { code, errno: -errno, syscall: call });
}

/**
 * Runs what opens a socket of the add-on.
 *
 * @throws Error of the system, as Node's own sockets give it
 */
export function opening<T>(where: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    // The add-on throws Errors of the system, and no others.
    const { errno, syscall } = error as NodeJS.ErrnoException;
    throw errno === undefined || syscall === undefined ? error : systemError(syscall, -errno, where);
  }
}
