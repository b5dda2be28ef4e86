/** How a body can be looked at. */
export type BodyForm = "json" | "form" | "image" | "text" | "hex";

/** The forms that make sense for a content type, the best one first. `bytes` are those that are kept. */
export function bodyForms(type: string, bytes: Uint8Array): BodyForm[] {
  const isText = looksLikeText(bytes);
  const forms: BodyForm[] = [];
  if (/^application\/x-www-form-urlencoded|^multipart\/form-data/.test(type)) forms.push("form");
  if (/^image\//.test(type)) forms.push("image");
  if (isText && (/[/+]json$/.test(type) || /^[\s]*[{[]/.test(begin(bytes)))) forms.push("json");
  if (isText) forms.push("text");
  forms.push("hex");
  return forms;
}

const begin = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 64));

/** UTF-8 without control characters but for blanks; the last character may be cut. */
export function looksLikeText(bytes: Uint8Array): boolean {
  const part = bytes.subarray(0, 64 * 1024);
  for (const byte of part)
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(part, { stream: true });
    return true;
  } catch {
    return false;
  }
}
