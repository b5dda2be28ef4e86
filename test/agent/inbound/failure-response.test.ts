import t from "tap";
import { failureResponse } from "../../../src/agent/inbound/failure-response.ts";
import { parseResponseHead } from "../../../src/http/index.ts";

void t.test(
  "a failure is a readable response of the length it says, names its code, and closes",
  async (t) => {
    for (const [status, phrase] of [
      [400, "Bad Request"],
      [502, "Bad Gateway"],
    ] as const) {
      const bytes = failureResponse({ status, code: "local-closed", text: "wörter", headOnly: false });
      const end = bytes.indexOf("\r\n\r\n") + 4;
      const head = parseResponseHead(bytes.subarray(0, end), "GET");
      t.match(head, { status, reason: phrase, keepAlive: false, framing: { bytes: bytes.length - end } });
      t.equal(bytes.toString("utf8", end), "magpie: wörter\n");
      t.match(bytes.toString(), "\r\nMagpie-Error: local-closed\r\n");
    }
  },
);

void t.test("RFC 9110 §9.3.2: to HEAD the same fields, and no content", async (t) => {
  const about = { status: 502, code: "internal", text: "x" } as const;
  const whole = failureResponse({ ...about, headOnly: false }).toString();
  t.equal(failureResponse({ ...about, headOnly: true }).toString(), whole.slice(0, -"magpie: x\n".length));
});
