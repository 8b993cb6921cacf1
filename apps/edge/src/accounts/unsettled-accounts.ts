/** Milliseconds for which whoever was told that the store failed may try again; later, somebody may use the account. */
const patience = 60_000;
/** Accounts that are remembered: more fail only while the store is away for long. */
const most = 1_000;

/** An account as somebody tried to make it. */
interface Tried {
  readonly name: string;
  readonly createdAt: number;
}

/**
 * Accounts whose makers were told that the store failed, though it may have them: an attempt that comes soon after finds no
 * name taken that it took itself. Kept by the edge that failed; another answers 409.
 */
export class UnsettledAccounts {
  private readonly createdAt = new Map<string, number>();

  /** The store failed, and may have the account. */
  note({ name, createdAt }: Tried): void {
    const [oldest] = this.createdAt.keys();
    if (oldest !== undefined && this.createdAt.size >= most) this.createdAt.delete(oldest);
    this.createdAt.set(name, createdAt);
  }

  /** When the account was made that an attempt finds in its way, and may take back; undefined: there is none. */
  before({ name, createdAt }: Tried): number | undefined {
    const before = this.createdAt.get(name);
    return before === undefined || createdAt - before > patience ? undefined : before;
  }

  /** Nothing is left of it. */
  settle(name: string): void {
    this.createdAt.delete(name);
  }
}
