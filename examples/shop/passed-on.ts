import type { IncomingHttpHeaders } from "node:http";

/** Whose request it is: these fields go along with every call that a request causes, so that a filter finds them everywhere. */
const passedOn = /^(?:x-tenant|x-user|x-request-id|traceparent|tracestate|baggage)$/;

export function fieldsPassedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (typeof value === "string" && passedOn.test(name)) passed[name] = value;
  return passed;
}
