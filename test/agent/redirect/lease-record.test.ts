import t from "tap";
import { LeaseRecord } from "../../../src/agent/redirect/lease-record.ts";

function renew(lease: LeaseRecord, nowMs: number): void {
  lease.renewed({ askedAtMs: nowMs, nowMs: nowMs + 1 });
}

void t.test("a lapse is known while it lasts, and for a minute after it", (t) => {
  const lease = new LeaseRecord({ leaseMs: 4_000, nowMs: 0 });
  t.equal(lease.recentLapseMs(4_000), undefined);
  t.equal(lease.recentLapseMs(4_001), 4_001, "the first renewal may be late, too");
  renew(lease, 1_000);
  t.equal(lease.recentLapseMs(5_000), undefined, "the lease holds");
  t.equal(lease.recentLapseMs(5_001), 4_001);
  renew(lease, 7_000);
  t.equal(lease.recentLapseMs(8_000), 6_001);
  for (let nowMs = 7_700; nowMs < 68_000; nowMs += 700) renew(lease, nowMs);
  t.equal(lease.recentLapseMs(68_000), undefined, "and then it explains nothing any more");
  t.end();
});

void t.test("renewals and failures are counted", (t) => {
  const lease = new LeaseRecord({ leaseMs: 4_000, nowMs: 0 });
  renew(lease, 0);
  lease.failed();
  renew(lease, 700);
  t.same([lease.renewals, lease.failures], [2, 1]);
  t.end();
});
