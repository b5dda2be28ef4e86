import { Copies } from "../../src/agent/inbound/copies/copies.ts";
import { CopyRoom } from "../../src/agent/inbound/copies/copy-room.ts";
import { Mirror, PortRoutes } from "../../src/agent/routing/index.ts";
import { requestOf, subscriptionOf } from "../../test/agent/routing/subscription-of.ts";

const head = requestOf("GET /1k HTTP/1.1\r\nHost: pod\r\nAccept: */*\r\nUser-Agent: wrk\r\n\r\n");
const requests = 1_000_000;

/**
 * Microseconds of CPU for a request of which nothing is copied, since its session has all the copies under way that it
 * may: what throughput cannot show on a busy machine. The least of some runs.
 */
export function dropMicroseconds(): number {
  const terms = { sample: 1, maxPerSecond: null, answers: true };
  const mirror = new Mirror({ terms, onCounted: () => undefined });
  const subscription = { ...subscriptionOf("everything"), mirror };
  const { mirrors } = new PortRoutes({ port: 80, revision: 1, subscriptions: [subscription] });
  const room = CopyRoom.of(subscription.holder);
  while (room.hasPlace()) room.enter({ place: 0, countedBytes: 0, waitingBytes: 100, isLeaving: false });
  // Of the connection nothing is asked while nothing is copied.
  const link = {} as Parameters<typeof Copies.ofRequest>[0];
  const copied = {
    kind: "http1",
    isStolen: false,
    head: () => Buffer.alloc(0),
    recording: undefined,
  } as const;
  const runs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let count = 0; count < requests; count++)
      if (mirrors !== undefined) Copies.ofRequest(link, mirrors.of(head), copied);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / requests;
  });
  return Math.min(...runs);
}
