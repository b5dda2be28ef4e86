import t from "tap";
import { decideFlow } from "../../../../src/client/outgoing/rules/decide-flow.ts";
import type { Flow, FlowName } from "../../../../src/client/outgoing/rules/flow.ts";
import { outgoingRules } from "../../../../src/client/outgoing/rules/outgoing-rules.ts";
import { Random } from "../../../filters/random.ts";

const search = ["default.svc.cluster.local", "svc.cluster.local"];

function tcp(address: string, port: number, ...names: string[]): Flow {
  return host("tcp", address, port, names);
}

function host(
  protocol: "tcp" | "udp",
  address: string,
  port: number,
  names: readonly string[],
  foundBy: FlowName["foundBy"] = "remote",
): Flow {
  return { kind: "host", protocol, address, port, names: names.map((name) => ({ name, foundBy })) };
}

function where(rules: readonly string[], flow: Flow): string {
  return decideFlow(outgoingRules(rules, search), flow).where;
}

void t.test("the first rule that fits decides", async (t) => {
  const redis = tcp("10.96.0.7", 6379, "redis.default.svc.cluster.local");
  const cases: [rules: string[], flow: Flow, where: string][] = [
    [[], redis, "remote"],
    [["local:redis"], redis, "local"],
    [["local:redis."], redis, "remote"],
    [["local:redis:6379"], redis, "local"],
    [["local:redis:6380"], redis, "remote"],
    [["local:udp://redis"], redis, "remote"],
    [["remote:redis", "local:*"], redis, "remote"],
    [["local:*", "remote:redis"], redis, "local"],
    [["remote:10.0.0.0/8:6379", "local:10.0.0.0/8"], redis, "remote"],
    [["remote:10.0.0.0/8:80", "local:10.0.0.0/8"], redis, "local"],
    [["local:[fd00::/8]"], redis, "remote"],
    [["local:10.0.0.0/8"], tcp("::ffff:10.96.0.7", 6379), "local"],
    [["local:*:6000-7000"], redis, "local"],
    [["local:redis"], tcp("10.96.0.7", 6379), "remote"],
    // Of several names any counts, in the order of the rules.
    [["remote:b", "local:a"], tcp("10.1.1.1", 80, "a", "b"), "remote"],
    // The developer's own localhost is nothing special.
    [[], tcp("127.0.0.1", 80), "remote"],
    [["local:localhost"], tcp("127.0.0.1", 80, "localhost"), "local"],
    // Sockets.
    [[], { kind: "unix", path: "/run/app.sock" }, "local"],
    [["remote:*", "remote:*:*"], { kind: "unix", path: "/run/app.sock" }, "local"],
    [["remote:unix:/run/**"], { kind: "unix", path: "/run/app.sock" }, "remote"],
    [["remote:unix:@app"], { kind: "unix", path: "\0app" }, "remote"],
    [[], { kind: "unix", path: "/var/run/nscd/socket" }, "absent"],
    [[], { kind: "unix", path: "/run/systemd/resolve/io.systemd.Resolve" }, "absent"],
    [[], { kind: "unix", path: "/var/run/dbus/system_bus_socket" }, "absent"],
    [["local:unix:/run/dbus/*"], { kind: "unix", path: "/var/run/dbus/system_bus_socket" }, "local"],
    [["remote:unix:/**"], { kind: "unix", path: "/run/nscd/socket" }, "remote"],
  ];
  for (const [rules, flow, expected] of cases)
    t.equal(where(rules, flow), expected, `${rules.join(" ") || "no rule"}: ${JSON.stringify(flow)}`);
});

void t.test("an address that only this machine's name servers have given is reached from here", async (t) => {
  t.equal(where([], host("tcp", "192.168.0.9", 80, ["nas.lan"], "local")), "local");
  t.equal(where(["remote:192.168.0.0/16"], host("tcp", "192.168.0.9", 80, ["nas.lan"], "local")), "remote");
  const both: FlowName[] = [
    { name: "a", foundBy: "local" },
    { name: "b", foundBy: "remote" },
  ];
  t.equal(where([], { kind: "host", protocol: "tcp", address: "10.0.0.1", port: 80, names: both }), "remote");
});

void t.test("it says which rule decided, and by which name", async (t) => {
  const rules = outgoingRules(["local:other", "local:tcp://redis:6379"], search);
  const decided = decideFlow(rules, tcp("10.96.0.7", 6379, "x.example", "redis.default.svc.cluster.local"));
  t.equal(
    decided.because,
    "the rule local:tcp://redis:6379 names redis over TCP at port 6379; the address was found under redis.default.svc.cluster.local, which is in the pod's search domain default.svc.cluster.local",
  );
  t.equal(decided.name, "redis.default.svc.cluster.local");
  t.equal(decided.rule?.written, "local:tcp://redis:6379");
  t.same(decided.unless, []);
  const socket = decideFlow(rules, { kind: "unix", path: "/run/nscd/socket" });
  t.match(socket.because, /^a built-in rule names this path, since it belongs to this machine's nscd/);
});

void t.test("rules can be given to a worker", async (t) => {
  const rules = outgoingRules(
    ["local:[fd00::/8]:443", "local:*.corp.example", "remote:unix:/run/**"],
    search,
  );
  t.same(structuredClone(rules), rules);
  t.equal(decideFlow(structuredClone(rules), tcp("fd00::1", 443)).where, "local");
});

void t.test("decisions are those of a search from the first rule on", async (t) => {
  const random = new Random(42);
  const names = ["a", "b.a", "c.example", "x.c.example", "a.default.svc.cluster.local"];
  const addresses = ["10.0.0.1", "10.1.0.1", "192.168.0.1", "fd00::1", "fe00::1"];
  const hosts = [
    "*",
    "a",
    "b.*",
    "*.example",
    "c.example.",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.1",
    "[fd00::/8]",
  ];
  const ports = ["", ":80", ":1-100", ":443", ":*"];
  const schemes = ["", "tcp://", "udp://"];
  for (let round = 0; round < 1500; round++) {
    const rules = Array.from({ length: random.below(5) }, () => {
      const parts = { scheme: random.pick(schemes), host: random.pick(hosts), port: random.pick(ports) };
      return { ...parts, where: random.pick(["local", "remote"]) };
    });
    const flow = {
      protocol: random.pick(["tcp", "udp"] as const),
      address: random.pick(addresses),
      port: random.pick([80, 443, 99]),
      names: names.filter(() => random.chance(25)),
    };
    const written = rules.map(({ where, scheme, host, port }) => `${where}:${scheme}${host}${port}`);
    const expected = rules.find((rule) => fits(rule, flow))?.where ?? "remote";
    const found = where(written, host(flow.protocol, flow.address, flow.port, flow.names));
    if (found !== expected) t.fail(`${written.join(" ")}: ${JSON.stringify(flow)} went ${found}`);
  }

  function fits(
    rule: { scheme: string; host: string; port: string },
    flow: { protocol: string; address: string; port: number; names: readonly string[] },
  ): boolean {
    if (rule.scheme !== "" && rule.scheme !== `${flow.protocol}://`) return false;
    const [first, last = first] = rule.port.slice(1).split("-");
    if (first !== "" && first !== "*" && (flow.port < Number(first) || flow.port > Number(last)))
      return false;
    if (rule.host === "*") return true;
    const starts: Readonly<Record<string, string>> = {
      "10.0.0.0/8": "10.",
      "10.0.0.0/16": "10.0.",
      "10.0.0.1": "10.0.0.1",
      "[fd00::/8]": "fd",
    };
    const start = starts[rule.host];
    if (start !== undefined) return flow.address.startsWith(start);
    const pattern = new RegExp(
      `^${rule.host.replace(/\.$/, "").replaceAll(".", "\\.").replaceAll("*", ".*")}$`,
    );
    return flow.names.some((name) => {
      const short = rule.host.endsWith(".") ? [] : search.map((domain) => name.replace(`.${domain}`, ""));
      return [name, ...short].some((one) => pattern.test(one));
    });
  }
});
