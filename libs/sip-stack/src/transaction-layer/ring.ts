/** A place in a {@link Ring}; alone it is a ring of its own. */
export class Link<Owner> {
  previous: Link<Owner> = this;
  next: Link<Owner> = this;
  /** Undefined for the head of a ring. */
  readonly owner: Owner | undefined;

  constructor(owner?: Owner) {
    this.owner = owner;
  }

  get alone(): boolean {
    return this.next === this;
  }

  /** Leaves its ring; harmless when alone. */
  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this.next = this;
  }

  /** Joins the ring of `head` as the last one; must be alone. */
  joinBefore(head: Link<Owner>): void {
    this.previous = head.previous;
    this.next = head;
    head.previous.next = this;
    head.previous = this;
  }
}
