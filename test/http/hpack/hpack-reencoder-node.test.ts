import { once } from "node:events";
import {
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  sensitiveHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import t from "tap";
import { seededRandom } from "../../fixtures/byte-splits.ts";
import { NodeRelay } from "./node-relay.ts";

const SIZES = [0, 200, 4096, 65_536];
const ROUNDS = 60;

for (const clientTableBytes of SIZES) {
  for (const serverTableBytes of SIZES) {
    const name = `client table ${clientTableBytes}, server table ${serverTableBytes}`;
    void t.test(`node:http2 reads what we say and says what we read: ${name}`, async (t) => {
      const random = seededRandom(clientTableBytes * 7 + serverTableBytes);
      const below = (limit: number): number => Math.floor(random() * limit);
      const relay = new NodeRelay({ clientTableBytes, serverTableBytes });
      t.teardown(() => relay.close());
      /** What the server saw of a stream. */
      const seen = new Map<number, { fields: string[][]; sensitive: readonly string[] }>();
      relay.server.on(
        "stream",
        (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) => {
          const fields = Array.from({ length: raw.length / 2 }, (_, at) => raw.slice(at * 2, at * 2 + 2));
          // Its types do not know the symbol.
          const sensitive: unknown = Reflect.get(headers, sensitiveHeaders);
          seen.set(stream.id ?? 0, {
            fields,
            sensitive: Array.isArray(sensitive) ? sensitive.map(String) : [],
          });
          stream.respond(
            {
              ":status": 200,
              "x-echo": headers["x-echo"],
              "x-by": "original",
              [`x-${below(5)}`]: "v".repeat(below(80)),
            },
            { endStream: true },
          );
        },
      );

      for (let round = 0; round < ROUNDS; round++) {
        if (round > 5 && random() < 0.15)
          relay.client.settings({ headerTableSize: SIZES[below(4)] ?? 0, enablePush: false });
        if (round > 5 && random() < 0.15)
          relay.serverSession?.settings({ headerTableSize: SIZES[below(4)] ?? 0 });
        const asked = Array.from({ length: 1 + below(6) }, (_, count) => {
          const isStolen = round > 3 && random() < 0.4;
          const headers: OutgoingHttpHeaders & { [sensitiveHeaders]: string[] } = {
            ":path": `${isStolen ? "/stolen" : "/"}${below(5)}`,
            "x-echo": `${round}-${count}`,
            authorization: `Bearer ${below(3)}`,
            cookie: "theme=dark",
            [sensitiveHeaders]: random() < 0.5 ? ["authorization"] : [],
          };
          for (let left = below(6); left > 0; left--)
            headers[`n${below(8)}`] = random() < 0.05 ? "L".repeat(below(20_000)) : "v".repeat(below(60));
          const request = relay.client.request(headers, { endStream: true });
          request.resume();
          return { answer: once(request, "response"), isStolen, echo: `${round}-${count}` };
        });
        for (const { answer, isStolen, echo } of asked) {
          const [headers] = (await answer) as [IncomingHttpHeaders]; // By the event's definition.
          if (headers["x-echo"] !== echo || headers["x-by"] !== (isStolen ? "stolen" : "original"))
            throw new Error(`round ${round}: the wrong answer`);
        }
      }

      for (const { streamId, fields, neverIndexed, isStolen } of relay.requests) {
        const there = seen.get(streamId);
        if (isStolen !== (there === undefined)) throw new Error(`stream ${streamId} is at the wrong place`);
        if (there === undefined) continue;
        if (JSON.stringify(there.fields) !== JSON.stringify(fields)) {
          t.same(fields, there.fields, `stream ${streamId}`);
          return;
        }
        const marked = (list: readonly string[]): boolean => list.includes("authorization");
        if (marked(there.sensitive) !== marked(neverIndexed))
          throw new Error(`stream ${streamId} lost its mark`);
        const echo = fields.find(([name]) => name === "x-echo")?.[1];
        if (relay.response(streamId)?.find(([name]) => name === "x-echo")?.[1] !== echo)
          throw new Error(`stream ${streamId}: we read another response`);
      }
      t.equal(relay.fault, undefined);
      t.ok(relay.untouched > 0, `${relay.untouched} blocks untouched, ${relay.reencoded} said again`);
      t.equal(relay.client.destroyed, false);
    });
  }
}
