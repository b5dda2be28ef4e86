import t from "tap";
import { encodeSockaddr } from "../../../../../src/kernel/index.ts";
import {
  addressForSocket,
  destinationOf,
  isOfOneLink,
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
  t.match(readProgramAddress(encodeSockaddr(ipv6)), { kind: "ip", written: 6, endpoint: ipv6 });
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

void t.test("groups, broadcasts and what has a zone are of one link", (t) => {
  const at = (address: string) => ({ family: address.includes(":") ? 6 : 4, address, port: 1 }) as const;
  for (const one of ["224.0.0.251", "239.1.1.1", "255.255.255.255", "ff02::fb", "fe80::1"])
    t.ok(isOfOneLink(at(one)), one);
  for (const one of ["223.1.1.1", "240.0.0.1", "fd00::1", "2001:db8::fe80", "::1"])
    t.notOk(isOfOneLink(at(one)), one);
  t.end();
});
