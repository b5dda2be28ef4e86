import { createHash, randomBytes } from "node:crypto";

/** A new Sec-WebSocket-Key (RFC 6455 §4.1). */
export function newWebSocketKey(): string {
  return randomBytes(16).toString("base64");
}

/** The Sec-WebSocket-Accept that proves to have read this key (RFC 6455 §4.2.2). */
export function acceptOfWebSocketKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}
