/** What the frames of a client bring besides the octets of messages. */
export interface FrameObserver {
  /** The client asks whether we are there; the payload goes back. @spec RFC 6455 §5.5.2 */
  onPing(payload: Uint8Array): void;
  /** The client closes, or must be closed, with this code; nothing is read any more. @spec RFC 6455 §5.5.1, §7.1.7 */
  onClose(code: number): void;
}

const final = 0x80;
const reserved = 0x70;
const masked = 0x80;
/** Opcodes. @spec RFC 6455 §5.2 */
const continuation = 0;
const binary = 2;
const close = 8;
const ping = 9;
const pong = 10;

/** Octets of the longest payload of a control frame. @spec RFC 6455 §5.5 */
const controlOctets = 125;
const protocolError = 1002;
const normalClosure = 1000;

/**
 * Reads the frames of a WebSocket client. The octets of messages are handed on as they come, not gathered: MSRP has ends
 * of its own, and who sends a large message in one frame costs no more memory than who sends it over TCP.
 *
 * @spec RFC 6455 §5; RFC 7977 §4.2 (text frames are octets too)
 */
export class WebSocketFrames {
  private readonly observer: FrameObserver;
  private readonly head = new Uint8Array(14);
  private headLength = 0;
  private readonly mask = new Uint8Array(4);
  private maskAt = 0;
  private opcode = continuation;
  /** Whether the head of a frame comes next. */
  private inHead = true;
  /** Payload of this frame that has not come. */
  private left = 0;
  private inMessage = false;
  private isMessageEnd = false;
  private control: number[] = [];
  private isOver = false;

  constructor(observer: FrameObserver) {
    this.observer = observer;
  }

  /** Takes what came; returns the octets of messages in it, which it moves to the front of `bytes`. */
  read(bytes: Uint8Array): Uint8Array {
    let at = 0;
    let length = 0;
    while (at < bytes.length && !this.isOver) {
      if (this.inHead) at = this.readHead(bytes, at);
      const end = Math.min(bytes.length, at + this.left);
      if (this.opcode < close) {
        bytes.copyWithin(length, at, end);
        this.unmask(bytes, length, length + end - at);
        length += end - at;
      } else this.gatherControl(bytes.slice(at, end));
      this.left -= end - at;
      at = end;
      if (!this.inHead && this.left === 0) this.endFrame();
    }
    return bytes.subarray(0, length);
  }

  /** Reads on in the head of a frame; returns the offset behind what it used. */
  private readHead(bytes: Uint8Array, from: number): number {
    let at = from;
    while (this.headLength < 2 || this.headLength < headOctets(this.head[1] ?? 0)) {
      if (at === bytes.length) return at;
      this.head[this.headLength++] = bytes[at++] ?? 0;
    }
    this.beginFrame();
    return at;
  }

  private beginFrame(): void {
    const [first = 0, second = 0] = this.head;
    const { headLength } = this;
    this.headLength = 0;
    this.inHead = false;
    this.opcode = first & 0x0f;
    this.left = payloadOctets(this.head);
    this.mask.set(this.head.subarray(headLength - 4, headLength));
    this.maskAt = 0;
    const isFinal = (first & final) !== 0;
    const isSound = (first & reserved) === 0 && (second & masked) !== 0 && Number.isSafeInteger(this.left);
    if (!isSound || !this.isExpected(isFinal)) {
      this.left = 0;
      this.end(protocolError);
    }
    if (this.opcode < close) this.isMessageEnd = isFinal;
  }

  /** @spec RFC 6455 §5.4 (fragments follow each other), §5.5 (control frames are whole and short) */
  private isExpected(isFinal: boolean): boolean {
    const { opcode } = this;
    if (opcode >= close) return opcode <= pong && isFinal && this.left <= controlOctets;
    return opcode === continuation ? this.inMessage : opcode <= binary && !this.inMessage;
  }

  private endFrame(): void {
    this.inHead = true;
    if (this.opcode < close) this.inMessage = !this.isMessageEnd;
    else {
      const payload = Uint8Array.from(this.control);
      this.control = [];
      if (this.opcode === ping) this.observer.onPing(payload);
      else if (this.opcode === close) this.end(closeCode(payload));
    }
  }

  private gatherControl(bytes: Uint8Array): void {
    this.unmask(bytes, 0, bytes.length);
    this.control.push(...bytes);
  }

  private end(code: number): void {
    this.isOver = true;
    this.observer.onClose(code);
  }

  /** @spec RFC 6455 §5.3; four octets at a time where there are many */
  private unmask(bytes: Uint8Array, start: number, end: number): void {
    const { mask } = this;
    let at = start;
    let phase = this.maskAt;
    const step = (to: number): void => {
      for (; at < to; at++, phase++) bytes[at] = (bytes[at] ?? 0) ^ (mask[phase & 3] ?? 0);
    };
    step(Math.min(end, at + (-(bytes.byteOffset + at) & 3)));
    const count = (end - at) >> 2;
    if (count > 0) {
      const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, count);
      const turned = Uint8Array.from(mask, (_, i) => mask[(phase + i) & 3] ?? 0);
      const [key = 0] = new Int32Array(turned.buffer);
      for (let i = 0; i < count; i++) words[i] = (words[i] ?? 0) ^ key;
      at += count * 4;
    }
    step(end);
    this.maskAt = phase & 3;
  }
}

/** Octets of the head whose second octet this is, the mask included. */
function headOctets(second: number): number {
  const length = second & 0x7f;
  return 6 + (length === 126 ? 2 : length === 127 ? 8 : 0);
}

function payloadOctets(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset);
  const length = (head[1] ?? 0) & 0x7f;
  if (length < 126) return length;
  return length === 126 ? view.getUint16(2) : view.getUint32(2) * 2 ** 32 + view.getUint32(6);
}

/** Code of a close frame; an empty one stands for an end without complaint. */
function closeCode(payload: Uint8Array): number {
  const [high, low] = payload;
  return high === undefined || low === undefined ? normalClosure : high * 256 + low;
}
