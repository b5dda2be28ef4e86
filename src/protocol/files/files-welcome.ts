import { encodeJson, parseJsonObject } from "../json-payload.ts";
import { MAX_NAME_LENGTH, MAX_SENTENCE_LENGTH } from "../limits.ts";
import { choiceField, textField, wholeField } from "../message-fields.ts";

/** The agent's HEAD on a stream of `files`: whose files they are. When they cannot be had, the stream is reset instead. */
export interface FilesWelcome {
  readonly process: number;
  readonly name: string;
  /** Why it is that process, as the end of a sentence about it. */
  readonly because: string;
  /** Whose files the app makes, and whose rights it has. */
  readonly user: number;
  readonly group: number;
  /** With whose rights the agent acts: its own where it may not take the app's. */
  readonly rights: "app" | "agent";
}

export function encodeFilesWelcome(welcome: FilesWelcome): Buffer {
  return encodeJson(welcome);
}

/** @throws ProtocolError `bad-payload`, `bad-message` */
export function decodeFilesWelcome(payload: Uint8Array): FilesWelcome {
  const from = parseJsonObject(payload, "welcome");
  return {
    process: wholeField(from, "process"),
    name: textField(from, "name", MAX_NAME_LENGTH),
    because: textField(from, "because", MAX_SENTENCE_LENGTH),
    user: wholeField(from, "user"),
    group: wholeField(from, "group"),
    rights: choiceField(from, "rights", ["app", "agent"]),
  };
}
