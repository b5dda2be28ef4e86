/** Bytes in base64 (RFC 4648 §4). */
export function base64Of(bytes: Uint8Array): string {
  let text = "";
  // In pieces: arguments of one call are bounded.
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}
