import t from "tap";
import { parseTarget } from "../../../src/client/target/index.ts";

void t.test("a target is a name, a path or a process", (t) => {
  t.same(parseTarget("netns:shop"), { kind: "netns", name: "shop" });
  t.same(parseTarget("netns:/run/netns/a:b"), { kind: "netns-path", path: "/run/netns/a:b" });
  t.same(parseTarget("pid:4711"), { kind: "pid", pid: 4711 });
  t.end();
});

void t.test("anything else is a usage error that says what to write", (t) => {
  const cases: [text: string, hint: RegExp][] = [
    ["shop", /Did you mean netns:shop\?/],
    ["nets:shop", /Did you mean netns:shop\?/],
    ["pod:x", /netns:<name>/],
    ["netns:", /ip netns list/],
    ["netns:..", /ip netns list/],
    ["netns:a/b", /absolute path/],
    ["pid:0", /number of a running process/],
    ["pid:-1", /number of a running process/],
    ["pid:1x", /number of a running process/],
  ];
  for (const [text, hint] of cases) {
    t.throws(
      () => parseTarget(text),
      { code: "usage", hint, message: new RegExp(`--target "${text}"`) },
      text,
    );
  }
  t.end();
});
