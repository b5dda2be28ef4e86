/**
 * What differs between any two answers and says nothing about the app: times, ids and marks of one request. Written as
 * rules; `+header:date` compares one of them after all. Kept short on purpose: everything else is for the user to say.
 */
export const defaultIgnores: readonly string[] = [
  ...["header:date", "header:age", "header:server-timing"],
  ...["header:x-request-id", "header:x-correlation-id", "header:traceparent", "header:tracestate"],
  ...["header:x-response-time", "header:x-runtime", "header:x-envoy-upstream-service-time"],
  // Our own marks say who answered, which is what the two answers differ by.
  ...["header:magpie-*", "trailer:magpie-*"],
];

/**
 * Fields of the connection and of framing, which are no part of the answer (RFC 9110 §7.6.1, RFC 9112 §6). Never compared,
 * by no rule either: the two answers may have come over different versions of HTTP.
 */
export const neverCompared: readonly string[] = [
  ...["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"],
];
