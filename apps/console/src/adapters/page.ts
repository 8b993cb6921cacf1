/** Part of a list. */
export interface PageWish {
  readonly limit: number;
  /** Empty: from the beginning. */
  readonly cursor: string;
}

/** A list as the API shows it. */
export interface PageView<Item> {
  readonly items: readonly Item[];
  /** Cursor of the rest; null: that was all. */
  readonly next: string | null;
}

/** Shows a page. @param next - empty: that was all */
export function pageView<Item>(items: readonly Item[], next: string): PageView<Item> {
  return { items, next: next === '' ? null : next };
}
