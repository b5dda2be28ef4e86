import t from "tap";
import { hasConnectionOption } from "../../src/http/connection-options.ts";
import { Fields } from "../../src/http/fields.ts";
import { parseRequestHead } from "../../src/http/request.ts";

void t.test("RFC 9110 §7.6.1: options are a list, over all fields, in any case", async (t) => {
  const fields = Fields.fromPairs([
    ["Connection", "Keep-Alive, x"],
    ["Other", "close"],
    ["CONNECTION", "\tUpgrade\t,,y"],
  ]);
  for (const option of ["keep-alive", "x", "upgrade", "y"])
    t.equal(hasConnectionOption(fields, option), true, option);
  for (const option of ["close", "keep", "alive", "up"])
    t.equal(hasConnectionOption(fields, option), false, option);
});

void t.test(
  "RFC 9112 §9.3: 1.1 lives on unless it says close, 1.0 dies unless it says keep-alive",
  async (t) => {
    for (const [version, connection, keepAlive] of [
      ["1.1", undefined, true],
      ["1.1", "x", true],
      ["1.1", "close", false],
      ["1.1", "CLOSE", false],
      ["1.1", "keep-alive, close", false],
      ["1.0", undefined, false],
      ["1.0", "x", false],
      ["1.0", "Keep-Alive", true],
      ["1.0", "close, keep-alive", false],
    ] as const) {
      const line = connection === undefined ? "" : `Connection: ${connection}\r\n`;
      const head = parseRequestHead(Buffer.from(`GET / HTTP/${version}\r\n${line}\r\n`));
      t.match(head, { keepAlive }, `${version} ${connection}`);
    }
  },
);
