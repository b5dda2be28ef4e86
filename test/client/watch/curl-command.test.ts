import t from "tap";
import { curlCommand } from "../../../src/client/watch/curl-command.ts";
import { decision } from "../../fixtures/decision.ts";

void t.test("a request as curl is one line for a shell, with what is told of it", async (t) => {
  const head = [
    ["Host", "shop"],
    ["X-Quote", "it's"],
    ["Content-Length", "3"],
    ["X-Empty", ""],
  ] as const;
  t.equal(
    curlCommand(decision({ method: "POST", target: "/a b?x={1}", head })),
    `curl -X POST --globoff 'http://shop/a b?x={1}' -H 'X-Quote: it'\\''s' -H 'X-Empty;'`,
  );
  t.equal(curlCommand(decision({ target: "/a", port: 8080 })), "curl http://localhost:8080/a");
  t.equal(curlCommand(decision({ method: "" })), undefined);
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  t.notMatch(curlCommand(decision({ target: "/\x1b[2J\n" })) ?? "", /[\x00-\x1f]/);
});
