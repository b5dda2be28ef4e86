import t from "tap";
import { ClientStreamIds } from "../../../src/http/index.ts";

void t.test("RFC 9113 §5.1.1: ids of a client are odd and rise", async (t) => {
  const ids = new ClientStreamIds();
  t.equal(ids.open(1), "new");
  t.equal(ids.open(7), "new");
  t.equal(ids.open(7), "known", "trailers");
  t.equal(ids.open(5), "known", "skipped ones are closed");
  t.equal(ids.highest, 7);
  t.throws(() => ids.open(8), { code: "stream-id", streamId: 0 });
});

void t.test("RFC 9113 §5.1: a frame on an idle stream ends the connection", async (t) => {
  const ids = new ClientStreamIds();
  ids.open(3);
  t.doesNotThrow(() => ids.checkOpened(1));
  t.throws(() => ids.checkOpened(5), { code: "idle-stream", streamId: 0 });
});
