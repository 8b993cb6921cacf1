import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import { lengthIn } from './content-length.ts';
import type { FieldLine } from './field-line.ts';
import { fieldId } from './field-names.ts';
import type { SipMessage } from './message.ts';

/**
 * Head text up to and including the blank line, with a Content-Length that is right. Fields nobody touched are copied
 * in runs as they came, folds and compact names included. Write it with `codec.writeLatin1`, then the body.
 */
export function serialiseHead(message: SipMessage): string {
  const length = message.body.length;
  let head = startLine(message);
  let run: FieldLine | undefined;
  let runEnd = 0;
  let lengthWritten = false;
  for (const line of message.fields.lines) {
    if (line.id === fieldId.contentLength) {
      if (lengthWritten || lengthIn(line) !== length) continue;
      lengthWritten = true;
    }
    if (run !== undefined && line.start === runEnd && line.text === run.text) runEnd = line.end + 2;
    else {
      if (run !== undefined) head += run.text.slice(run.start, runEnd);
      run = line;
      runEnd = line.end + 2;
    }
  }
  if (run !== undefined) head += run.text.slice(run.start, runEnd);
  return lengthWritten ? `${head}\r\n` : `${head}Content-Length: ${length}\r\n\r\n`;
}

/** The octets of a message, head and body in one array; for tests and for paths where a copy does not matter. */
export function serialise(message: SipMessage, codec: ByteCodec = portableCodec): Uint8Array {
  const head = serialiseHead(message);
  const bytes = new Uint8Array(head.length + message.body.length);
  codec.writeLatin1(head, bytes, 0);
  bytes.set(message.body, head.length);
  return bytes;
}

function startLine(message: SipMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${message.requestUri} SIP/2.0\r\n`
    : `SIP/2.0 ${message.statusCode} ${message.reasonPhrase}\r\n`;
}
