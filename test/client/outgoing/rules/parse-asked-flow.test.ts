import t from "tap";
import { parseAskedFlow } from "../../../../src/client/outgoing/rules/parse-asked-flow.ts";

void t.test("one host, address or socket can be asked about", async (t) => {
  const name = (text: string) => [{ name: text, foundBy: "remote" }];
  const unknown = {
    kind: "host",
    protocol: undefined,
    address: undefined,
    port: undefined,
    names: undefined,
  };
  const cases: [text: string, flow: object][] = [
    ["redis", { ...unknown, names: name("redis") }],
    ["Redis.:6379", { ...unknown, names: name("redis."), port: 6379 }],
    ["udp://10.96.0.10:53", { ...unknown, protocol: "udp", address: "10.96.0.10", port: 53 }],
    ["[fd00::1]:443", { ...unknown, address: "fd00::1", port: 443 }],
    ["fd00::1", { ...unknown, address: "fd00::1" }],
    ["10.1.2.3/32", { ...unknown, address: "10.1.2.3" }],
    ["unix:/run/x", { kind: "unix", path: "/run/x" }],
    ["unix:@x", { kind: "unix", path: "\0x" }],
  ];
  for (const [text, flow] of cases) t.same(parseAskedFlow(text), flow, text);
});

void t.test("what stands for many is refused", async (t) => {
  const cases: [text: string, says: RegExp][] = [
    ["10.0.0.0/8", /a network has many addresses/],
    ["*", /many hosts/],
    ["*.example:80", /many hosts/],
    ["redis:80-90", /many ports/],
    ["unix:/run/*", /many sockets/],
    ["local:redis", /belongs to a rule/],
    ["", /host is missing/],
  ];
  for (const [text, says] of cases)
    t.throws(() => parseAskedFlow(text), { code: "usage", message: says, hint: /./ }, text);
});
