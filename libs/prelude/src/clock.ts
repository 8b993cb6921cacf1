/** Cancels what a clock was asked to do; calling it twice is harmless. */
export type Cancel = () => void;

/** Time as an input: production passes the system's, tests a simulated one. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; for intervals and deadlines. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z; for what people and other machines read. */
  wallTime(): number;
  /** Runs `task` once, `delay` milliseconds (>= 0) from now. */
  after(delay: number, task: () => void): Cancel;
}
