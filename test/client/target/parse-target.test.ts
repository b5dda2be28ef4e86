import t from "tap";
import { parseTarget } from "../../../src/client/target/index.ts";

void t.test("a target of this machine is a name, a path, a process or a container", (t) => {
  t.same(parseTarget("netns:shop"), { kind: "netns", name: "shop" });
  t.same(parseTarget("netns:/run/netns/a:b"), { kind: "netns-path", path: "/run/netns/a:b" });
  t.same(parseTarget("pid:4711"), { kind: "pid", pid: 4711 });
  t.same(parseTarget("container:shop_web-1"), { kind: "container", name: "shop_web-1" });
  t.end();
});

void t.test("anything else is a usage error that says what to write", (t) => {
  const cases: [text: string, hint: RegExp][] = [
    ["shop", /Did you mean netns:shop, or deployment\/shop\?/],
    ["nets:shop", /Did you mean netns:shop\?/],
    ["contaner:shop", /Did you mean container:shop\?/],
    ["pod:x", /Did you mean pod\/x\?/],
    ["netns:", /ip netns list/],
    ["netns:..", /ip netns list/],
    ["netns:a/b", /absolute path/],
    ["pid:0", /number of a running process/],
    ["pid:-1", /number of a running process/],
    ["pid:1x", /number of a running process/],
    ["container:", /podman ps/],
    ["container:--help", /podman ps/],
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

void t.test("a target of a cluster keeps the flags that say which cluster", (t) => {
  t.match(parseTarget("deploy/web", { namespace: "shop", context: "kind" }), {
    kind: "kubernetes",
    reference: { kind: "deployment", name: "web" },
    cluster: { namespace: "shop", context: "kind" },
  });
  t.end();
});

void t.test("flags of a cluster are refused beside a target of this machine", (t) => {
  t.throws(() => parseTarget("pid:4711", { namespace: "shop" }), {
    code: "usage",
    message: /^--namespace is for targets of a cluster, and "pid:4711" is none$/,
  });
  t.throws(() => parseTarget("netns:shop", { namespace: undefined, kubeconfig: "/tmp/x" }), {
    code: "usage",
    message: /^--kubeconfig/,
  });
  t.end();
});
