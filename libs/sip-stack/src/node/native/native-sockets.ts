/** A socket of the add-on; only the add-on looks inside. */
export type NativeHandle = object & { readonly __native: unique symbol };

/** Hears of what came: a number of entries in the shared memory, and a buffer with the octets of all of them from `start` on. */
export type NativeListener = (entries: number, octets: Buffer, start: number) => void;

/** What sockets.c and its neighbours export; they trust their caller in everything but the life of a handle. */
export interface NativeSockets {
  /** Writes an address and a port as {@link endpointWords} numbers; false when the host is no address literal. */
  endpointWords(host: string, port: number, words: Int32Array): boolean;
  closeSocket(handle: NativeHandle): void;
  openDatagrams(
    host: string,
    port: number,
    reusePort: boolean,
    recvBufferSize: number,
    sendBufferSize: number,
    arrived: Int32Array,
    leaving: Int32Array,
    octets: Buffer,
    listener: NativeListener,
  ): NativeHandle;
  /** Sends entries; gives the first that has to wait until the listener is called with 0. */
  sendDatagrams(handle: NativeHandle, first: number, end: number): number;
  /** Thousandths of the kernel's queue that are taken; 2000 when it threw something away since it was last asked. */
  datagramsFill(handle: NativeHandle): number;
  /** Has the kernel let in so many thousandths of the requests that can wait; 1000, all. Whether it does. */
  thinDatagrams(handle: NativeHandle, part: number): boolean;
  /** Address that an entry of the batch in hand came from. */
  datagramSource(handle: NativeHandle, entry: number): string;
  datagramsLocal(handle: NativeHandle): [address: string, port: number];
  openStreams(
    host: string,
    port: number,
    reusePort: boolean,
    keepAliveSeconds: number,
    arrived: Int32Array,
    leaving: Int32Array,
    octets: Buffer,
    listener: NativeListener,
  ): NativeHandle;
  /** Writes entries; gives how many connections have octets left or failed, whose entries are first then. */
  writeStreams(handle: NativeHandle, entries: number): number;
  /** Closes our half when all is written. */
  endStream(handle: NativeHandle, slot: number): void;
  closeStream(handle: NativeHandle, slot: number): void;
  /** Reads nothing more of a connection, until {@link resumeStream}. */
  pauseStream(handle: NativeHandle, slot: number): void;
  resumeStream(handle: NativeHandle, slot: number): void;
  /** Milliseconds for which an octet waited that was read since this was last asked; where its sender's window is closed, since it began to close. */
  streamsDelay(handle: NativeHandle): number;
  stopAccepting(handle: NativeHandle): void;
  /** Of slot -1, the listener's own end and nothing else that counts. */
  streamEnds(
    handle: NativeHandle,
    slot: number,
  ): [localAddress: string, localPort: number, remoteAddress: string, remotePort: number];
}

/** Numbers of an endpoint in shared memory: family, port, address, scope. */
export const endpointWords = 7;
