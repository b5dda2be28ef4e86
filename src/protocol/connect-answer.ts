import { errnoName } from "./errno-name.ts";
import { encodeJson, parseJsonObject } from "./json-payload.ts";
import { choiceField, orNull, sentenceField, textField } from "./message-fields.ts";
import { type WireAddress, wireAddress } from "./opening.ts";

/**
 * The agent's first HEAD on a stream of `connect`, `connect-unix` or `datagrams`: it is there, or why not. Behind a failure
 * comes END, since a reset would overtake the answer; the client then resets the stream.
 */
export type ConnectAnswer =
  | {
      readonly outcome: "connected";
      /** The pod's end; null for a unix socket. */
      readonly local: WireAddress | null;
    }
  | {
      readonly outcome: "failed";
      /** The kernel's word for it, such as `ECONNREFUSED` (connect(2)). */
      readonly errno: string;
      /** For people, where the errno alone says too little; null elsewhere. */
      readonly text: string | null;
    };

/** Longest name of an errno, with room to spare. */
const MAX_ERRNO_LENGTH = 32;

export function encodeConnectAnswer(answer: ConnectAnswer): Buffer {
  return encodeJson(answer);
}

/** @throws ProtocolError `bad-payload`, `bad-message` */
export function decodeConnectAnswer(payload: Uint8Array): ConnectAnswer {
  const from = parseJsonObject(payload, "answer");
  return choiceField(from, "outcome", ["connected", "failed"]) === "connected"
    ? { outcome: "connected", local: orNull(from, "local", wireAddress) }
    : {
        outcome: "failed",
        errno: errnoName(textField(from, "errno", MAX_ERRNO_LENGTH)),
        text: orNull(from, "text", sentenceField),
      };
}
