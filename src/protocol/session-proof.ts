import { nameField, objectOf, type Untrusted } from "./message-fields.ts";

/** Shows that whoever asks may speak for a session: the key is what `welcome` gave to that session alone. */
export interface SessionProof {
  readonly session: string;
  readonly key: string;
}

/** @throws ProtocolError `bad-message` */
export function sessionProof(from: Untrusted, name: string): SessionProof {
  const value = objectOf(from[name], name);
  return {
    session: nameField(value, "session"),
    key: nameField(value, "key"),
  };
}
