import { MAX_MESSAGE_BYTES } from "./limits.ts";
import { type Json, jsonField, objectOf, textField } from "./message-fields.ts";

/** Reads the answer to the question `metrics` in the form `text`: Prometheus' own format. @throws ProtocolError `bad-message` */
export function metricsText(body: Json): string {
  return textField(objectOf(body, "answer"), "text", MAX_MESSAGE_BYTES);
}

/** Reads the answer in the form `json`: a list of families for programs, which is only passed on. @throws ProtocolError `bad-message` */
export function metricsFamilies(body: Json): Json {
  return jsonField(objectOf(body, "answer"), "families");
}
