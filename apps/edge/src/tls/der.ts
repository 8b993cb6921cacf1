/** One DER value: tag, length, contents. @spec X.690 §8.1, §10.1 */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const { length } = body;
  const octets = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...octets]), body]);
}

/** SEQUENCE of values. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

/** OBJECT IDENTIFIER from its contents in hexadecimal. */
export function oid(hexadecimal: string): Buffer {
  return der(0x06, Buffer.from(hexadecimal, 'hex'));
}

/** GeneralizedTime. @spec RFC 5280 §4.1.2.5.2 */
export function time(wallTime: number): Buffer {
  const text = new Date(wallTime).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

/** PEM of a DER value. @spec RFC 7468 §2 */
export function pem(label: string, value: Uint8Array): string {
  const base64 = Buffer.from(value).toString('base64');
  const lines = base64.match(/.{1,64}/g)?.join('\n') ?? '';
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
