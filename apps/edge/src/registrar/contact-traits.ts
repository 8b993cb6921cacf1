import type { ContactAddress } from '@parley/sip';

/** Name of what an account registers without `+sip.instance`: all such contacts together. */
export const namelessDevice = '';

/** What follows from a contact, worked out beforehand: a message looks at nothing but the binding. */
export interface ContactTraits {
  /** Its device: `+sip.instance` in lower case, or {@link namelessDevice}. @spec RFC 5626 §4.1 */
  readonly device: string;
  /** It says nothing of itself at all. */
  readonly isSilent: boolean;
  /** It says nothing that an implicit preference could be measured by. @spec RFC 3841 §7.2.2 */
  readonly isPlain: boolean;
}

/** The traits of a contact. */
export function traitsOf({ instance, parameters }: ContactAddress): ContactTraits {
  return {
    device: instance?.toLowerCase() ?? namelessDevice,
    isSilent: parameters.size === 0 && instance === undefined,
    isPlain: !parameters.has('methods') && !parameters.has('events'),
  };
}
