/**
 * A text each of whose characters is one byte (latin1). Names and values of variables are bytes to the kernel, not always
 * UTF-8; so they can be compared, split and kept in maps, and none is lost.
 */
export type ByteText = string;

/** As it is written in UTF-8. */
export function toByteText(text: string): ByteText {
  return Buffer.from(text, "utf8").toString("latin1");
}

export function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, "latin1");
}

/** What the bytes say in UTF-8, or undefined when they are none. */
export function textOf(text: ByteText): string | undefined {
  try {
    return strictly.decode(bytesOf(text));
  } catch {
    return undefined; // Some other encoding, or no text at all: the caller says what to do about it.
  }
}

const strictly = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
