declare const brandOf: unique symbol;

/**
 * A `Base` that went through the parser of `Name`; assignable to `Base`, never from it.
 *
 * @example type CallId = Brand<string, 'CallId'>
 */
export type Brand<Base, Name extends string> = Base & { readonly [brandOf]: Name };
