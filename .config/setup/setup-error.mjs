/** A condition of the machine that the reader can put right; its message is all that is printed. */
export class SetupError extends Error {}
