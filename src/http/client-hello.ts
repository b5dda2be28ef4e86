/** What a client asks for when it begins TLS (RFC 8446 §4.1.2), as far as it is of use to somebody in between. */
export interface ClientHello {
  /** `host_name` of RFC 6066 §3, as it was written, latin-1; null without one. */
  readonly serverName: string | null;
  /** The `ProtocolNameList` of RFC 7301 §3.1, without the length before it: each name behind its length. Empty without one. */
  readonly alpn: Buffer;
  /** The newest version that is offered (RFC 8446 §4.2.1), such as 0x0304; unknown and GREASE values are left out. */
  readonly newestVersion: number;
}

/** More than any client sends; one that offers many post-quantum keys comes to 10 KB. */
export const MAX_CLIENT_HELLO_BYTES = 64 * 1024;

const RECORD_HEADER_BYTES = 5;
const HANDSHAKE_HEADER_BYTES = 4;
/** RFC 8446 §5.1 */
const MAX_RECORD_BYTES = 2 ** 14;
const RECORD_HANDSHAKE = 22;
const HANDSHAKE_CLIENT_HELLO = 1;
const RANDOM_BYTES = 32;
const MAX_SESSION_ID_BYTES = 32;
const Extension = { serverName: 0, alpn: 16, supportedVersions: 43 } as const;
const NAME_TYPE_HOST = 0;
/** TLS 1.0 to 1.3. */
const OLDEST_VERSION = 0x0301;
const NEWEST_VERSION = 0x0304;

/**
 * Reads the ClientHello that a connection began with, from `bytes[from, to)`, which must hold everything since the first
 * byte. It may lie in several records (RFC 8446 §5.1). Gives `more` while it is not whole, and `not-client-hello` as
 * soon as it cannot become one, or would be larger than {@link MAX_CLIENT_HELLO_BYTES}.
 */
export function readClientHello(
  bytes: Buffer,
  from: number,
  to: number,
): ClientHello | "more" | "not-client-hello" {
  const message = gatherMessage(bytes, from, to);
  if (typeof message === "string") return message;
  return readBody(new ByteReader(message)) ?? "not-client-hello";
}

/** The names of a `ProtocolNameList`, latin-1: they are bytes, and most are text (RFC 7301 §6). */
export function alpnNames(alpn: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < alpn.length; at += 1 + (alpn[at] as number))
    names.push(alpn.toString("latin1", at + 1, at + 1 + (alpn[at] as number)));
  return names;
}

/** The first handshake message without its header, out of the records that carry it. */
function gatherMessage(bytes: Buffer, from: number, to: number): Buffer | "more" | "not-client-hello" {
  const pieces: Buffer[] = [];
  let gathered = 0;
  let wanted = HANDSHAKE_HEADER_BYTES;
  let at = from;
  while (gathered < wanted) {
    if (at < to && bytes[at] !== RECORD_HANDSHAKE) return "not-client-hello";
    if (at + 1 < to && bytes[at + 1] !== 3) return "not-client-hello";
    if (to - at < RECORD_HEADER_BYTES) return incomplete(to - from);
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MAX_RECORD_BYTES) return "not-client-hello";
    at += RECORD_HEADER_BYTES;
    const piece = bytes.subarray(at, Math.min(at + length, to));
    pieces.push(piece);
    gathered += piece.length;
    if (pieces[0]?.length !== 0 && pieces[0]?.[0] !== HANDSHAKE_CLIENT_HELLO) return "not-client-hello";
    if (wanted === HANDSHAKE_HEADER_BYTES && gathered >= wanted) {
      wanted += Buffer.concat(pieces).readUIntBE(1, 3);
      if (wanted > MAX_CLIENT_HELLO_BYTES) return "not-client-hello";
    }
    if (gathered < wanted && at + length > to) return incomplete(to - from);
    at += length;
  }
  return Buffer.concat(pieces).subarray(HANDSHAKE_HEADER_BYTES, wanted);
}

function incomplete(heldBytes: number): "more" | "not-client-hello" {
  return heldBytes < MAX_CLIENT_HELLO_BYTES ? "more" : "not-client-hello";
}

function readBody(body: ByteReader): ClientHello | undefined {
  const legacyVersion = body.uint(2);
  body.skip(RANDOM_BYTES);
  const sessionId = body.vector(1);
  const cipherSuites = body.vector(2);
  const compressionMethods = body.vector(1);
  const hello = { serverName: null, alpn: Buffer.alloc(0), newestVersion: legacyVersion };
  if (sessionId.left > MAX_SESSION_ID_BYTES || cipherSuites.left < 2 || cipherSuites.left % 2 === 1)
    return undefined;
  if (compressionMethods.left === 0) return undefined;
  if (body.left > 0 && !readExtensions(body.vector(2), hello)) return undefined;
  return body.isSound && body.left === 0 ? hello : undefined;
}

type Draft = { -readonly [Field in keyof ClientHello]: ClientHello[Field] };

/** Gives false when one cannot be read, or is there twice (RFC 8446 §4.2). */
function readExtensions(extensions: ByteReader, hello: Draft): boolean {
  const seen = new Set<number>();
  while (extensions.left > 0) {
    const type = extensions.uint(2);
    const content = extensions.vector(2);
    if (!extensions.isSound || seen.has(type)) return false;
    seen.add(type);
    if (type === Extension.serverName) hello.serverName = readServerName(content);
    else if (type === Extension.alpn) hello.alpn = readAlpn(content);
    else if (type === Extension.supportedVersions) hello.newestVersion = readVersions(content);
    else continue;
    if (!content.isSound || content.left > 0) return false;
  }
  return true;
}

function readServerName(content: ByteReader): string | null {
  const names = content.vector(2);
  let serverName: string | null = null;
  while (names.left > 0) {
    const type = names.uint(1);
    const name = names.vector(2);
    if (type === NAME_TYPE_HOST && name.left > 0) serverName ??= name.rest().toString("latin1");
  }
  if (!names.isSound) content.fail();
  return serverName;
}

function readAlpn(content: ByteReader): Buffer {
  const list = content.vector(2);
  const raw = list.rest();
  const names = new ByteReader(raw);
  while (names.left > 0) if (names.vector(1).left === 0) content.fail();
  if (!list.isSound || !names.isSound || raw.length === 0) content.fail();
  return raw;
}

function readVersions(content: ByteReader): number {
  const list = content.vector(1);
  let newest = 0;
  while (list.left > 0) {
    const version = list.uint(2);
    if (version >= OLDEST_VERSION && version <= NEWEST_VERSION) newest = Math.max(newest, version);
  }
  if (!list.isSound) content.fail();
  return newest;
}

/** Reads numbers and vectors of RFC 8446 §3.4; once something is missing it gives nothing more and is not sound. */
class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;
  isSound = true;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.isSound ? this.#bytes.length - this.#at : 0;
  }

  fail(): void {
    this.isSound = false;
  }

  uint(bytes: number): number {
    const at = this.#at;
    this.skip(bytes);
    return this.isSound ? this.#bytes.readUIntBE(at, bytes) : 0;
  }

  skip(bytes: number): void {
    if (this.left < bytes) this.fail();
    else this.#at += bytes;
  }

  /** What stands behind a length of so many bytes. */
  vector(lengthBytes: number): ByteReader {
    const length = this.uint(lengthBytes);
    const at = this.#at;
    this.skip(length);
    return new ByteReader(this.isSound ? this.#bytes.subarray(at, at + length) : Buffer.alloc(0));
  }

  /** Everything that is left. */
  rest(): Buffer {
    const rest = this.#bytes.subarray(this.#bytes.length - this.left);
    this.#at = this.#bytes.length;
    return rest;
  }
}
