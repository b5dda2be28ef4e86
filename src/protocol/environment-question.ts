import { MAX_ENVIRONMENT_PART_BYTES, MAX_NAME_LENGTH, MAX_SENTENCE_LENGTH } from "./limits.ts";
import {
  bytesField,
  type Json,
  objectOf,
  orNull,
  textField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";

/** Asks for the environment of a process of the pod. It may hold secrets: only who asks is told. */
export interface EnvironmentQuestion {
  readonly kind: "environment";
  /** As the agent counts processes; null lets it choose the app's. */
  readonly process: number | null;
}

/** The first answer: whose environment follows. */
export interface EnvironmentSource {
  readonly process: number;
  /** The file that it runs. */
  readonly name: string;
  /** Why this process, as the end of a sentence about it. */
  readonly because: string;
  /** What the further answers come to. */
  readonly byteLength: number;
}

/** Process numbers (`PID_MAX_LIMIT` of linux/threads.h). */
const PROCESS = { min: 1, max: 2 ** 22 };

/** @throws ProtocolError `bad-message` */
export function environmentQuestion(from: Untrusted): EnvironmentQuestion {
  return {
    kind: "environment",
    process: orNull(from, "process", (from, field) => wholeField(from, field, PROCESS)),
  };
}

/** Reads the first answer to the question `environment`. @throws ProtocolError `bad-message` */
export function environmentSource(body: Json): EnvironmentSource {
  const from = objectOf(body, "answer");
  return {
    process: wholeField(from, "process", PROCESS),
    name: textField(from, "name", MAX_NAME_LENGTH),
    because: textField(from, "because", MAX_SENTENCE_LENGTH),
    byteLength: wholeField(from, "byteLength"),
  };
}

/** Reads a further answer: the next bytes of what /proc/<pid>/environ holds (proc_pid_environ(5)). @throws ProtocolError `bad-message` */
export function environmentPart(body: Json): Buffer {
  return bytesField(objectOf(body, "answer"), "bytes", MAX_ENVIRONMENT_PART_BYTES);
}

/** The body of such an answer. */
export function environmentPartBody(bytes: Buffer): { readonly bytes: string } {
  return { bytes: bytes.toString("base64") };
}
