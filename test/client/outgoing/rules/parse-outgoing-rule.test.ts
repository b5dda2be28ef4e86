import t from "tap";
import { ClientError } from "../../../../src/client/errors.ts";
import { formatNetwork } from "../../../../src/client/outgoing/rules/ip-network.ts";
import type { OutgoingRule } from "../../../../src/client/outgoing/rules/outgoing-rule.ts";
import { parseOutgoingRule } from "../../../../src/client/outgoing/rules/parse-outgoing-rule.ts";

/** What was read, in one line. */
function shown({ where, flows }: OutgoingRule): string {
  if (flows.kind === "unix") return `${where} unix ${flows.path}`;
  const { host, ports, protocol } = flows;
  const name = host.kind === "name" ? `${host.name.glob}${host.name.isAbsolute ? "." : ""}` : "";
  const network = host.kind === "network" ? formatNetwork(host.network) : "";
  const range = ports === null ? "all" : `${ports.first}-${ports.last}`;
  return `${where} ${protocol ?? "both"} ${host.kind} ${name}${network} ${range}`;
}

void t.test("a rule says where, and which flows", async (t) => {
  const cases: [text: string, read: string][] = [
    ["local:*.corp.example", "local both name *.corp.example all"],
    ["remote:10.0.0.0/8", "remote both network 10.0.0.0/8 all"],
    ["local:udp://*:53", "local udp any  53-53"],
    ["local:redis:6379", "local both name redis 6379-6379"],
    ["remote:tcp://[fd00::/8]:443", "remote tcp network fd00::/8 443-443"],
    ["local:unix:/var/run/docker.sock", "local unix /var/run/docker.sock"],
    ["remote:unix:/run/app/**", "remote unix /run/app/**"],
    ["local:*", "local both any  all"],
    ["local:*:*", "local both any  all"],
    ["local:*:8000-8999", "local both any  8000-8999"],
    ["remote:tcp://redis", "remote tcp name redis all"],
    ["remote:10.0.0.0/8:5432", "remote both network 10.0.0.0/8 5432-5432"],
    ["remote:10.1.2.3:5432", "remote both network 10.1.2.3 5432-5432"],
    ["remote:::1", "remote both network ::1 all"],
    ["remote:[::1]", "remote both network ::1 all"],
    ["remote:fd00::/8", "remote both network fd00::/8 all"],
    ["remote:::ffff:10.0.0.0/104", "remote both network 10.0.0.0/8 all"],
    ["remote:[::ffff:10.1.2.3]:80", "remote both network 10.1.2.3 80-80"],
    ["remote:0.0.0.0/0", "remote both network 0.0.0.0/0 all"],
    ["local:Redis.Example.:80", "local both name redis.example. 80-80"],
    ["local:_mongodb._tcp.corp.example", "local both name _mongodb._tcp.corp.example all"],
    ["local:**.example", "local both name *.example all"],
    ["local:*.bücher.example", "local both name *.xn--bcher-kva.example all"],
    ["local:tcp.:80", "local both name tcp. 80-80"],
    ["local:3com.example", "local both name 3com.example all"],
    ["local:unix:///run/x", "local unix /run/x"],
    ["local:unix:@app", "local unix @app"],
    ["local:unix:/run/ü", "local unix /run/Ã¼"],
  ];
  for (const [text, read] of cases) {
    const rule = parseOutgoingRule(text);
    t.equal(shown(rule), read, text);
    t.equal(rule.written, text);
    t.equal(rule.builtIn, null);
  }
});

void t.test("what cannot be meant is refused with the place and a way out", async (t) => {
  // The caret stands under the character of this index.
  const cases: [text: string, at: number, what: RegExp, hint?: RegExp][] = [
    ["", 0, /begins with local: .* or remote:/, /Write local:/],
    ["redis:6379", 0, /begins with local:/],
    ["loacl:redis", 0, /begins with local:/, /Did you mean local:/],
    ["local", 5, /does not say which flows/],
    ["local:", 6, /host is missing/, /\*:53/],
    ["local::53", 6, /host is missing/, /\*:53/],
    ["local:redis:", 12, /port is missing/],
    ["local:redis:http", 12, /no port/, /443/],
    ["local:redis:0", 12, /0 is no port/],
    ["local:redis:1-70000", 14, /70000 is no port/],
    ["local:redis:90-80", 12, /ends before it begins/],
    ["local:tcp:redis:80", 9, /two slashes are missing/, /tcp:\/\//],
    ["local:udp:53", 9, /two slashes/, /udp:\/\/\*:53/],
    ["local:http://redis", 6, /http is no protocol/, /tcp, udp and unix/],
    ["local:tpc://redis", 6, /no protocol/, /Did you mean tcp/],
    ["local:10.0.0.0/33", 15, /from 0 to 32/],
    ["local:10.0.0.0/8/8", 15, /from 0 to 32/],
    ["local:10.1.2.3/8", 6, /bits behind its prefix/, /10\.0\.0\.0\/8, the address alone 10\.1\.2\.3/],
    ["local:fd00::1/8", 6, /bits behind its prefix/, /fd00::\/8/],
    ["local:fd00::/8:443", 13, /from 0 to 128/, /\[fd00::\/8\]:443/],
    ["local:fd00::zz:1", 10, /too many colons/, /brackets/],
    ["local:a:b:c", 7, /too many colons/],
    ["local:[fd00::1", 6, /never closed/],
    ["local:[redis]:80", 7, /address of IPv6/],
    ["local:[fd00::1]80", 15, /only a port/],
    ["local:[fe80::1%eth0]:80", 14, /zone/],
    ["local:10.*", 6, /an address has no \*/, /10\.0\.0\.0\/8/],
    ["local:10.1.2", 6, /no address/],
    ["local:10.1.2.300", 6, /no address/],
    ["local:redis/path", 11, /only behind an address/],
    ["local:a..b", 8, /two dots/],
    ["local:.example", 6, /two dots/],
    ["local:user@redis", 10, /in no name/],
    ["local:re dis", 8, /in no name/],
    ["local:*ü.example", 7, /in no name/],
    [`local:${"a".repeat(64)}.example`, 6, /at most 63/],
    [`local:${"abcdefg.".repeat(32)}example`, 6, /at most 253/],
    ["local:unix:run/x", 11, /whole path/, /unix:\/run/],
    ["local:unix:", 11, /whole path/],
    ["local:unix:*", 11, /whole path/, /unix:\/\*\*/],
    ["local:unix:/", 11, /no socket/],
  ];
  for (const [text, at, what, hint] of cases) {
    try {
      t.fail(`${text} was read as ${shown(parseOutgoingRule(text))}`);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const [message, line, caret] = error.message.split("\n");
      t.equal(error.code, "usage");
      t.match(message, what, text);
      t.equal(line, `  ${text}`);
      t.equal(caret?.length, 2 + at + 1, `the place in ${text}`);
      t.match(error.hint, hint ?? /./, text);
    }
  }
});

void t.test("a text that nobody can have meant is not repeated", async (t) => {
  t.throws(() => parseOutgoingRule(`local:${"x".repeat(2000)}`), {
    code: "usage",
    message: /2006 characters$/,
  });
});
