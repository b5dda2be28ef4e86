import { type AgentMessage, cutText, MAX_SENTENCE_LENGTH } from "../../protocol/index.ts";

/** A message whose text for people is no longer than a client takes: it may quote what somebody has sent. */
export function withCutTexts(message: AgentMessage): AgentMessage {
  switch (message.type) {
    case "refused":
    case "unsubscribed":
    case "notice":
    case "goodbye":
      return { ...message, message: cutText(message.message, MAX_SENTENCE_LENGTH) };
    default:
      return message;
  }
}
