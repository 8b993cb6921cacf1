import type { Binding } from '../registrar/binding.ts';

/** Something that mail is kept for. */
export interface Device {
  /** Its `+sip.instance` in lower case, or empty for all that have none. @spec RFC 5626 §4.1 */
  readonly id: string;
  /** Option tags of its last REGISTER. */
  readonly supported: readonly string[];
  readonly userAgent: string;
  /** When its last binding ends unless renewed; wall time in milliseconds. */
  readonly boundUntil: number;
  readonly since: number;
  /** When its account was made; 0: not known. A device of an earlier account of the same name is none of this. */
  readonly accountSince: number;
  /** It takes no `message/cpim`: it refused one, and is still the same software. */
  readonly plainOnly: boolean;
  /** It takes no status of composing: refused one and is still the same software, or says so. */
  readonly noComposing: boolean;
}

/** What a device says when it registers of media types that it takes; undefined: nothing. */
export interface Acceptance {
  /** Whether it names `message/cpim`. That it does not says nothing: liblinphone takes it all the same. */
  readonly cpim: boolean | undefined;
  readonly composing: boolean | undefined;
}

const nothingSaid: Acceptance = { cpim: undefined, composing: undefined };

/**
 * Whether mail is still kept for a device.
 *
 * @param memory - milliseconds after the end of its last binding
 */
export function isRemembered({ boundUntil }: Device, now: number, memory: number): boolean {
  return boundUntil + memory > now;
}

/** Fraction of the time of memory by which a stored `boundUntil` may lag, so that not every refresh is a write. */
const slack = 1 / 64;

/**
 * Devices that have to be written when these bindings are made.
 *
 * @param known - those of the account as stored
 * @param memory - milliseconds for which a device is remembered
 * @param accountSince - when the account was made
 * @param says - what their REGISTER says
 */
export function devicesToRemember(
  known: readonly Device[],
  bindings: readonly Binding[],
  now: number,
  memory: number,
  accountSince: number,
  says = nothingSaid,
): readonly Device[] {
  const seen = new Map<string, Device>();
  for (const binding of bindings) {
    const id = binding.device;
    const before = seen.get(id) ?? known.find((device) => device.id === id);
    const boundUntil = Math.max(binding.expiresAt, before?.boundUntil ?? 0);
    const { supported, userAgent } = binding;
    const isSame = before?.userAgent === userAgent;
    const plainOnly = says.cpim !== true && isSame && before.plainOnly;
    const noComposing = says.composing === undefined ? isSame && before.noComposing : !says.composing;
    seen.set(id, {
      id,
      supported,
      userAgent,
      boundUntil,
      since: before?.since ?? now,
      accountSince,
      plainOnly,
      noComposing,
    });
  }
  return [...seen.values()].filter((device) => {
    const before = known.find(({ id }) => id === device.id);
    return before === undefined || isStale(before, device, memory);
  });
}

function isStale(before: Device, now: Device, memory: number): boolean {
  return (
    now.boundUntil - before.boundUntil > memory * slack ||
    before.accountSince !== now.accountSince ||
    before.plainOnly !== now.plainOnly ||
    before.noComposing !== now.noComposing ||
    before.userAgent !== now.userAgent ||
    before.supported.join() !== now.supported.join()
  );
}
