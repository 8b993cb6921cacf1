/** How long, and how often, {@link eventually} looks; milliseconds. */
export interface EventuallyOptions {
  readonly within?: number;
  readonly every?: number;
}

/**
 * Repeats a check until it does not throw and gives its value; for tests of whole processes only, where no clock can be
 * simulated.
 *
 * @throws what the last check threw, when it never passed in time; the default, 30 s, is ample on a busy machine
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { within = 30_000, every = 25 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (failure) {
      if (performance.now() + every > deadline) throw failure;
      await new Promise((resolve) => setTimeout(resolve, every));
    }
  }
}
