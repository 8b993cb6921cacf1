/** A message of which it is kept what becomes of it. Nothing here takes time or fails. */
export interface Followed {
  /** These devices have a stored copy. */
  stored(devices: readonly string[]): void;
  /** A device took it. */
  delivered(device: string, status: number): void;
  /** A device will not have it; an empty name: nobody will, and its sender was told so. */
  refused(device: string, status: number, reason: string): void;
}
