import t from "tap";
import { HeldBytes } from "../../../src/agent/inbound/held-bytes.ts";

void t.test("gives what was held in one piece, whatever pieces it came in", async (t) => {
  const held = new HeldBytes();
  const shared = Buffer.from("0123456789", "latin1");
  held.hold(shared, 2, 4);
  shared.fill(120);
  for (const byte of Buffer.from("abc", "latin1")) held.append(Buffer.of(byte), 0, 1);
  t.equal(held.length, 5);
  t.equal(held.take().toString("latin1"), "23abc");
  t.equal(held.length, 0);
});

void t.test(
  "what was taken and comes back in part is not copied, and what is added is behind it",
  async (t) => {
    const held = new HeldBytes();
    held.hold(Buffer.from("first second", "latin1"), 0, 12);
    held.append(Buffer.from(" third", "latin1"), 0, 6);
    const all = held.take();
    held.hold(all, 6, all.length);
    held.append(Buffer.from("!", "latin1"), 0, 1);
    const rest = held.take();
    t.equal(rest.toString("latin1"), "second third!");
    t.equal(rest.buffer, all.buffer);
    held.hold(rest, rest.length, rest.length);
    held.append(Buffer.from("new", "latin1"), 0, 3);
    t.equal(held.take().toString("latin1"), "new");
  },
);

void t.test("64 KB byte by byte cost a few copies, not one a byte", async (t) => {
  const held = new HeldBytes();
  const rooms = new Set<ArrayBufferLike>();
  for (let count = 0; count < 65_536; count++) {
    held.append(Buffer.of(count & 255), 0, 1);
    const all = held.take();
    rooms.add(all.buffer);
    held.hold(all, 0, all.length);
  }
  t.equal(held.length, 65_536);
  t.ok(rooms.size <= 18, `${rooms.size} rooms`);
});
