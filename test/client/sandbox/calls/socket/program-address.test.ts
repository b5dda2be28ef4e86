import t from "tap";
import { encodeSockaddr } from "../../../../../src/kernel/index.ts";
import {
  addressForSocket,
  destinationOf,
  isOfThisLink,
  readProgramAddress,
} from "../../../../../src/client/sandbox/calls/socket/program-address.ts";

function bytes(family: number, ...rest: (Buffer | string)[]): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16LE(family, 0);
  return Buffer.concat([head, ...rest.map((part) => Buffer.from(part as string))]);
}

void t.test("reads what a program may give to a call", (t) => {
  const ipv4 = { family: 4, address: "10.1.2.3", port: 80 } as const;
  const ipv6 = { family: 6, address: "fd00::1", port: 80 } as const;
  t.match(readProgramAddress(encodeSockaddr(ipv4)), { kind: "ip", written: 4, endpoint: ipv4 });
  t.match(readProgramAddress(encodeSockaddr(ipv6)), { kind: "ip", written: 6, endpoint: ipv6, scope: 0 });
  t.match(readProgramAddress(encodeSockaddr(ipv6).subarray(0, 24)), { kind: "ip", endpoint: ipv6 });
  t.match(readProgramAddress(addressForSocket(ipv4, 6)), { kind: "ip", written: 6, endpoint: ipv4 });
  t.same(readProgramAddress(bytes(0, Buffer.alloc(14))), { kind: "nowhere" });
  t.same(readProgramAddress(bytes(1, "/run/a\0rest")), { kind: "unix", path: "/run/a" });
  t.same(readProgramAddress(bytes(1, "/run/a")), { kind: "unix", path: "/run/a" });
  t.same(readProgramAddress(bytes(1, "\0name\0")), { kind: "unix", path: "\0name\0" });
  t.end();
});

void t.test("what is too short or of another family is the kernel's", (t) => {
  const short = [
    Buffer.alloc(0),
    Buffer.alloc(1),
    bytes(1),
    bytes(2, "x"),
    bytes(10, Buffer.alloc(20)),
    bytes(16, "x"),
  ];
  for (const one of short) t.same(readProgramAddress(one), { kind: "other" });
  t.end();
});

void t.test("no address at all is this host's", (t) => {
  t.match(destinationOf({ family: 4, address: "0.0.0.0", port: 1 }), { address: "127.0.0.1" });
  t.match(destinationOf({ family: 6, address: "::", port: 1 }), { address: "::1" });
  t.match(destinationOf({ family: 4, address: "10.0.0.1", port: 1 }), { address: "10.0.0.1" });
  t.end();
});

void t.test("groups, broadcasts and what has a zone are of this machine's links", (t) => {
  const at = (family: 4 | 6, address: string, scope = 0) => ({
    endpoint: { family, address, port: 1 },
    scope,
  });
  for (const one of [at(4, "224.0.0.251"), at(4, "239.1.1.1"), at(4, "255.255.255.255"), at(6, "ff02::fb")])
    t.ok(isOfThisLink(one), one.endpoint.address);
  t.ok(isOfThisLink(at(6, "fe80::1", 2)));
  for (const one of [at(4, "223.1.1.1"), at(4, "240.0.0.1"), at(6, "fd00::1"), at(6, "fe80::1")])
    t.notOk(isOfThisLink(one), one.endpoint.address);
  t.end();
});
