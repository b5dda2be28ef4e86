import { InspectorError } from "../errors.ts";
import { type Descriptors, eventStreamMessages, grpcMessages, webSocketMessages } from "../messages/index.ts";
import type { BodySide, MessageList } from "../page-contract.ts";
import { readBody } from "../record/bodies.ts";
import { linesOfRequest, readKeptAnswer } from "../record/heads.ts";
import type { RecordedRequest } from "../record/recorded-request.ts";
import type { RequestStore } from "../record/request-store.ts";

/** Reads the messages of one direction. @throws InspectorError 404 where there are none to read */
export async function messagesOf(
  store: RequestStore,
  request: RecordedRequest,
  about: { readonly of: BodySide; readonly descriptors: Descriptors },
): Promise<MessageList> {
  const { of, descriptors } = about;
  const { row, imported } = request;
  // What gRPC packs it packs message by message.
  const body = await readBody(store, request, of, { decodes: row.kind === "sse" });
  if (body === undefined) return { messages: [], left: 0, note: "there is no answer yet" };
  if (body.bytes === null) return { messages: [], left: 0, note: body.facts.whyNotKept };
  const from = of === "request" ? "client" : "server";
  const answer = of === "other-answer" ? request.other : request.answer;
  const told = of === "other-answer" ? imported?.otherAnswer : imported?.answer;
  const answered =
    told?.headers ?? (answer === undefined ? [] : (readKeptAnswer(answer.head, row.method)?.headers ?? []));
  const asked = imported?.request.headers ?? linesOfRequest(request.head);
  const list = ((): MessageList => {
    if (row.kind === "websocket") return webSocketMessages(body.bytes, { headers: answered, from });
    if (row.kind === "sse" && from === "server") return eventStreamMessages(body.bytes);
    if (row.kind === "grpc") {
      const headers = from === "client" ? asked : answered;
      return grpcMessages(body.bytes, { path: row.path, from, headers }, descriptors);
    }
    throw new InspectorError(404, "this content has no messages");
  })();
  return { ...list, note: body.facts.whyNotKept ?? list.note };
}
