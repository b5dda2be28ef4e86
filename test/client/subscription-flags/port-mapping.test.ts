import t from "tap";
import {
  formatAddress,
  parseLocalHost,
  parsePortMapping,
} from "../../../src/client/subscription-flags/port-mapping.ts";

void t.test("a mapping names the target's port, and where it differs the local one", (t) => {
  const cases: [text: string, remotePort: number, localAddress: string, localPort: number][] = [
    ["80", 80, "127.0.0.1", 80],
    ["80:8080", 80, "127.0.0.1", 8080],
    ["80:10.0.0.5:8080", 80, "10.0.0.5", 8080],
    ["80:localhost:8080", 80, "127.0.0.1", 8080],
    ["80:[::1]:8080", 80, "::1", 8080],
    ["1:65535", 1, "127.0.0.1", 65_535],
  ];
  for (const [text, remotePort, localAddress, localPort] of cases) {
    t.same(parsePortMapping(text, "127.0.0.1"), { remotePort, localAddress, localPort }, text);
  }
  t.equal(parsePortMapping("80", "::1").localAddress, "::1");
  t.end();
});

void t.test("a mapping that cannot be is a usage error that names the part", (t) => {
  const cases: [text: string, message: RegExp][] = [
    ["", /lacks the target's port/],
    [":80", /lacks the target's port/],
    ["80:", /lacks the local port/],
    ["http", /has "http" as the target's port/],
    ["0", /has 0 as the target's port/],
    ["80:65536", /has 65536 as the local port/],
    ["80:-1", /has "-1" as the local port/],
    ["80: 81", /has " 81" as the local port/],
    ["80:host:81", /has "host" as address/],
    ["80:::1:81", /too many colons/],
    ["80:81:82:83", /too many colons/],
    ["80:[::1:81", /too many colons/],
  ];
  for (const [text, message] of cases) {
    t.throws(() => parsePortMapping(text, "127.0.0.1"), { code: "usage", message }, text);
  }
  t.end();
});

void t.test("the local host is an IP address of either family", (t) => {
  t.equal(parseLocalHost("[::1]"), "::1");
  t.equal(parseLocalHost("::1"), "::1");
  t.throws(() => parseLocalHost("my-host"), { code: "usage", message: /"my-host" is not an IP address/ });
  t.equal(formatAddress({ address: "::1", port: 80 }), "[::1]:80");
  t.equal(formatAddress({ address: "127.0.0.1", port: 80 }), "127.0.0.1:80");
  t.end();
});
