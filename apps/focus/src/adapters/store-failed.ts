/** The store would not, or may not, have written: what the actor has in memory is not to be trusted. */
export class StoreFailed extends Error {
  override readonly name: string = 'StoreFailed';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** Somebody else wrote our record: the shard has another owner, and this actor has nothing to say any more. */
export class OwnershipLost extends StoreFailed {
  override readonly name = 'OwnershipLost';
}
