/** One field of a form. */
export interface FormField {
  readonly name: string;
  readonly value: string;
  /** Of a file in it. */
  readonly file?: string;
}

const decoder = new TextDecoder();

/** Reads `application/x-www-form-urlencoded` (https://url.spec.whatwg.org/#urlencoded-parsing). */
export function urlencodedFields(text: string): FormField[] {
  return [...new URLSearchParams(text)].map(([name, value]) => ({ name, value }));
}

/**
 * Reads `multipart/form-data` (RFC 7578). Gives undefined where it is none. Values that are files are not shown, only named;
 * `bytes` need not be whole.
 */
export function multipartFields(bytes: Uint8Array, contentType: string): FormField[] | undefined {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (boundary === null) return undefined;
  // One character for one byte, so that places are the same.
  const text = latin1(bytes);
  const parts = text.split(
    new RegExp(`(?:^|\\r\\n)--${escaped(boundary[1] ?? boundary[2] ?? "")}(?:--)?[ \\t]*(?:\\r\\n|$)`),
  );
  const fields: FormField[] = [];
  for (const part of parts.slice(1)) {
    const end = part.indexOf("\r\n\r\n");
    if (end === -1) continue;
    const head = utf8(part.slice(0, end));
    const content = part.slice(end + 4);
    const name = /^content-disposition:.*?[;\s]name="([^"]*)"/im.exec(head)?.[1] ?? "";
    const file = /^content-disposition:.*?;\s*filename="([^"]*)"/im.exec(head)?.[1];
    const type = /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? "";
    if (file === undefined) fields.push({ name, value: utf8(content) });
    else fields.push({ name, value: `${type || "file"}, ${content.length} bytes`, file });
  }
  return fields;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return text;
}

const utf8 = (latin: string): string => decoder.decode(Uint8Array.from(latin, (sign) => sign.charCodeAt(0)));

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
