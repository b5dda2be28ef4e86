import { cutText, encodeConnectAnswer, MAX_SENTENCE_LENGTH } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";

/** Says why there is no flow, in the kernel's words. The client ends the stream when it has read that. */
export function answerFailure(stream: TunnelStream, errno: string, text = ""): void {
  stream.sendHead(
    encodeConnectAnswer({
      outcome: "failed",
      errno,
      text: text === "" ? null : cutText(text, MAX_SENTENCE_LENGTH),
    }),
  );
  // A reset would overtake the answer.
  stream.end();
}

/** What a client says on a stream that has failed, before it knows: nothing of it matters. */
export const failedOpening: StreamEvents = {
  onHead: () => undefined,
  onData: () => undefined, // No credit is given back: it is little.
  onEnd: () => undefined,
  onReset: () => undefined,
  onDrain: () => undefined,
};
