import t from "tap";
import { ClientOutput } from "../../../../src/agent/inbound/http2/client-output.ts";
import type { Peer } from "../../../../src/socket/index.ts";

/** A client that takes what it is sent, or keeps it waiting. */
function client() {
  const got: string[] = [];
  const peer = {
    takes: true,
    write(bytes: Buffer, from = 0, to = bytes.length) {
      got.push(bytes.toString("latin1", from, to));
      return peer.takes;
    },
  };
  return { peer, got, output: new ClientOutput(peer as unknown as Peer) }; // Only `write` is called.
}

void t.test("frames of ours wait for a boundary, and count as unsent until they leave", async (t) => {
  const { output, got } = client();
  output.inject(Buffer.from("early"));
  t.same([output.unsentBytes, output.mayInject], [5, false]);
  output.begin();
  output.flush();
  t.same([got, output.unsentBytes], [["early"], 0]);
  output.inFrame(true);
  output.inject(Buffer.from("inside"));
  t.equal(output.unsentBytes, 6);
  output.inFrame(false);
  output.flush();
  t.same([got, output.unsentBytes], [["early", "inside"], 0]);
});

void t.test("what a client asks for and does not read is counted until it has read", async (t) => {
  const { output, peer } = client();
  output.begin();
  peer.takes = false;
  output.inject(Buffer.alloc(10));
  output.flush();
  t.same([output.isSlow, output.mayInject, output.unsentBytes], [true, false, 0]);
  for (let count = 0; count < 100; count++) output.inject(Buffer.alloc(17));
  output.flush();
  t.equal(output.unsentBytes, 1_700);
  output.drained();
  t.same([output.unsentBytes, output.mayInject], [0, true]);
});

void t.test(
  "it stays counted when the client has read and the original has stopped inside a frame",
  async (t) => {
    const { output, peer } = client();
    output.begin();
    peer.takes = false;
    output.inject(Buffer.alloc(10));
    output.flush();
    output.inFrame(true);
    output.inject(Buffer.alloc(20));
    output.drained();
    t.equal(output.unsentBytes, 20);
  },
);
