import { once } from "node:events";
import { existsSync } from "node:fs";
import { Socket } from "node:net";
import t from "tap";
import { closeDescriptor, openTcpSocket, takenSocket, UnixPairs } from "../../src/kernel/index.ts";
import { openUnixStream } from "../../src/kernel/unix-pairs.ts";

void t.test("connects a socket to us, each to its own end, and leaves nothing behind", async (t) => {
  const pairs = new UnixPairs();
  t.teardown(() => pairs[Symbol.dispose]());
  const theirs = [openUnixStream(), openUnixStream()];
  const ours = theirs.map((fd) => pairs.connect(fd));
  const sockets = theirs.map((fd) => new Socket({ fd }));
  t.teardown(() => sockets.forEach((socket) => socket.destroy()));
  for (const [index, near] of ours.entries()) {
    if (typeof near === "string") throw new Error(near);
    const end = new Socket({ fd: near });
    t.teardown(() => end.destroy());
    end.write(`end ${index}`);
    const [chunk] = (await once(sockets[index] as Socket, "data")) as [Buffer];
    t.equal(chunk.toString(), `end ${index}`);
    t.ok(UnixPairs.isOurs(takenSocket.peerName(theirs[index] as number) ?? Buffer.alloc(0)));
  }
  const { folder } = pairs;
  t.ok(folder !== undefined && existsSync(folder));
  pairs[Symbol.dispose]();
  t.notOk(existsSync(folder ?? "/"));
});

void t.test("what cannot be connected has an errno", (t) => {
  using pairs = new UnixPairs();
  const tcp = openTcpSocket(4);
  t.equal(typeof pairs.connect(tcp), "string");
  closeDescriptor(tcp);
  t.end();
});
