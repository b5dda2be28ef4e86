import t from "tap";
import { RequestContent } from "../../../../src/agent/inbound/http2/request-content.ts";
import { WaitingRequests } from "../../../../src/agent/inbound/http2/waiting-requests.ts";
import { FrameFlag } from "../../../../src/http/index.ts";

/** DATA as the decoder gives it, in one piece. */
function piece(length: number) {
  const bytes = Buffer.alloc(length);
  const whole = { isFirst: true, isLast: true, bytes, start: 0, end: length, dataStart: 0, dataEnd: length };
  return { ...whole, streamId: 3, flags: FrameFlag.endStream, payloadBytes: length };
}

/** A request body that nobody takes. */
function content(requests: WaitingRequests): RequestContent {
  return new RequestContent({
    streamId: 3,
    windowBytes: 100_000,
    announcedBytes: undefined,
    kept: { head: { pairs: [], neverIndexed: new Set() }, body: [], trailers: undefined, isWhole: false },
    credit: {
      creditConnection: () => undefined,
      waiting: (bytes) => requests.add(bytes),
      wake: () => undefined,
    },
  });
}

void t.test("above the bound the stream that sends more is ended, and its room is free again", async (t) => {
  const requests = new WaitingRequests(50_000);
  const first = content(requests);
  first.data(piece(40_000));
  const second = content(requests);
  t.throws(() => second.data(piece(20_000)), { code: "flood", streamId: 3 });
  second.done();
  content(requests).data(piece(9_000));
  first.done();
  content(requests).data(piece(40_000));
});

void t.test("a session's requests share one bound, and no other's", async (t) => {
  const session = {};
  t.equal(WaitingRequests.of(session), WaitingRequests.of(session));
  t.not(WaitingRequests.of(session), WaitingRequests.of({}));
});
