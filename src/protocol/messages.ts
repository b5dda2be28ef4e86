import type { AgentMessage } from "./agent-message.ts";
import type { ClientMessage } from "./client-message.ts";
import { encodeJson } from "./json-payload.ts";

/** The version of everything in this room; a change that an older peer would misread raises it. */
export const PROTOCOL_VERSION = 1;

/**
 * The payload of a MESSAGE frame.
 * @throws ProtocolError `too-large` above `MAX_MESSAGE_BYTES`; cut explanations and reasons before.
 */
export function encodeMessage(message: AgentMessage | ClientMessage): Buffer {
  return encodeJson(message);
}
