import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { OwnNames } from "../../../../src/client/outgoing/dns/own-names.ts";

void t.test("this machine's files are read as they are at the moment", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "magpie-own-names-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [resolvConf, hosts] = [join(folder, "resolv.conf"), join(folder, "hosts")];
  const own = new OwnNames({ resolvConf, hosts });
  t.match(await own.servers(), [{ address: "127.0.0.1" }], "no file");
  t.equal(await own.addressesOf(["redis"], 4), undefined);
  writeFileSync(resolvConf, "nameserver 10.0.0.53\n");
  writeFileSync(hosts, "127.0.0.1 Redis cache\n10.0.0.9 redis\n::1 redis\n");
  t.match(await own.servers(), [{ address: "10.0.0.53", port: 53 }]);
  t.same(await own.addressesOf(["redis"], 4), [Buffer.of(127, 0, 0, 1), Buffer.of(10, 0, 0, 9)]);
  t.same(await own.addressesOf(["redis.svc", "REDIS"], 6), [Buffer.from(`${"00".repeat(15)}01`, "hex")]);
  t.same(await own.addressesOf(["cache"], 6), [], "it is there, without such an address");
  writeFileSync(hosts, "10.0.0.10 redis\n");
  t.same(await own.addressesOf(["redis"], 4), [Buffer.of(10, 0, 0, 10)]);
});
