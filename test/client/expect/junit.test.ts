import { spawnSync } from "node:child_process";
import t from "tap";
import { junitXml } from "../../../src/client/expect/junit.ts";

/** expat refuses all that is not well-formed. */
const reader = `
import sys, json, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
def plain(node): return {"tag": node.tag, **node.attrib, "text": (node.text or "").strip(), "parts": [plain(one) for one in node]}
print(json.dumps(plain(root)))
`;

function parsed(xml: string): unknown {
  const { stdout, stderr, status } = spawnSync("python3", ["-c", reader], { input: xml, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

void t.test(
  "a report is well-formed whatever requests said, and says what came of each condition",
  async (t) => {
    const evil = `"><script>&amp;]]>'\u0000\u001b[31m\uffff\ud800 <\n\ttab`;
    const xml = junitXml({
      suite: `netns:"a" & b`,
      at: new Date(1_700_000_000_000),
      seconds: 1.25,
      cases: [
        { name: "stolen >=3", seconds: 1.25, problem: null },
        { name: evil, seconds: 0, problem: { kind: "failure", message: evil, text: evil } },
        { name: "failed 0", seconds: 0, problem: { kind: "error", message: "unsure", text: "" } },
      ],
      output: evil,
    });
    const said = `"><script>&amp;]]>'��[31m�� <`;
    t.match(parsed(xml), {
      ...{ tag: "testsuites", tests: "3", failures: "1", errors: "1", skipped: "0" },
      parts: [
        {
          ...{
            tag: "testsuite",
            name: `netns:"a" & b`,
            tests: "3",
            time: "1.250",
            timestamp: "2023-11-14T22:13:20",
          },
          parts: [
            { tag: "testcase", name: "stolen >=3", time: "1.250", parts: [] },
            { parts: [{ tag: "failure", type: "not-held", text: `${said}\n\ttab` }] },
            { name: "failed 0", parts: [{ tag: "error", type: "unsure", message: "unsure" }] },
            { tag: "system-out" },
          ],
        },
      ],
    });
    t.throws(() => parsed(xml.replace("&quot;", "&")), "the reader is strict");
  },
);
