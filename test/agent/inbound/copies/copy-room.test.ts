import t from "tap";
import { CopyRoom, type Roomer } from "../../../../src/agent/inbound/copies/copy-room.ts";

class TestRoomer implements Roomer {
  place = 0;
  countedBytes = 0;
  waitingBytes: number;
  isLeaving = false;

  constructor(waitingBytes: number) {
    this.waitingBytes = waitingBytes;
  }
}

function newRoom(options: { maxCopies?: number; maxBytes?: number } = {}) {
  const clock = { ms: 1_000 };
  return { clock, room: new CopyRoom({ maxCopies: 2, maxBytes: 100, ...options, now: () => clock.ms }) };
}

void t.test("a room is full by its copies, and has a place again when one has left", async (t) => {
  const { room } = newRoom();
  const [one, two] = [new TestRoomer(0), new TestRoomer(0)];
  room.enter(one);
  t.ok(room.hasPlace());
  room.enter(two);
  t.notOk(room.hasPlace());
  room.leave(one);
  room.leave(one);
  t.ok(room.hasPlace());
  t.equal(room.count, 1);
  t.equal(two.place, 0);
});

void t.test("a room is full by its bytes, and looks for itself, now and then, what has left", async (t) => {
  const { room, clock } = newRoom();
  const one = new TestRoomer(90);
  room.enter(one);
  t.ok(room.hasRoomFor(10));
  t.notOk(room.hasRoomFor(11));
  one.waitingBytes = 20;
  t.notOk(room.hasRoomFor(11), "it has looked just now");
  clock.ms += 10;
  t.ok(room.hasRoomFor(80));
  t.notOk(room.hasRoomFor(81));
});

void t.test("who leaves while bytes wait takes up room until they are gone", async (t) => {
  const { room, clock } = newRoom();
  const [one, two] = [new TestRoomer(50), new TestRoomer(50)];
  for (const roomer of [one, two]) room.enter(roomer);
  one.isLeaving = true;
  room.leave(one);
  t.equal(room.count, 2);
  t.notOk(room.hasPlace());
  one.waitingBytes = 0;
  clock.ms += 10;
  t.ok(room.hasPlace());
  t.equal(room.count, 1);
  t.notOk(room.hasRoomFor(51));
});

void t.test("each session has a room of its own", async (t) => {
  const [ann, bob] = [{}, {}];
  t.equal(CopyRoom.of(ann), CopyRoom.of(ann));
  t.not(CopyRoom.of(ann), CopyRoom.of(bob));
});
