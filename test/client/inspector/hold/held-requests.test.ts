import t from "tap";
import { parseFilter } from "../../../../src/filters/index.ts";
import { HeldRequests } from "../../../../src/client/inspector/hold/held-requests.ts";
import { RecordedRequest } from "../../../../src/client/inspector/record/recorded-request.ts";

function request(path: string): RecordedRequest {
  const made = new RecordedRequest({ id: 1, source: "live", requestId: "", startMs: 0, at: 0 });
  made.head = { form: "http1", text: `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n` };
  return made;
}

void t.test(
  "only what the filter takes waits, until it is released or holding is switched off",
  async (t) => {
    using held = new HeldRequests({ onChange: () => undefined, onAbandoned: () => undefined });
    t.equal(held.takes(request("/a")), false);
    held.set({ isOn: true, filter: parseFilter('path ^= "/a"') });
    t.same([held.takes(request("/a")), held.takes(request("/b"))], [true, false]);
    const released: string[] = [];
    const [one, two, gone] = [request("/a/1"), request("/a/2"), request("/a/3")] as const;
    for (const [name, each] of [
      ["one", one],
      ["two", two],
      ["gone", gone],
    ] as const)
      held.hold(each, () => released.push(name));
    held.forget(gone);
    t.equal(held.release(one), true);
    t.equal(held.release(one), false, "it is released once");
    t.same(released, ["one"]);
    held.set({ isOn: false, filter: null });
    t.same(released, ["one", "two"]);
    t.match(held.state, { isOn: false, held: 0 });
  },
);

void t.test("with no page there for 30 s all go on, and it is told", async (t) => {
  const abandoned: number[] = [];
  using held = new HeldRequests({
    onChange: () => undefined,
    onAbandoned: (count) => abandoned.push(count),
    abandonedMs: 30,
  });
  const page = held.pageIsThere();
  held.set({ isOn: true, filter: null });
  let released = 0;
  held.hold(request("/"), () => released++);
  await new Promise((done) => setTimeout(done, 80));
  t.equal(released, 0, "a page is there");
  page[Symbol.dispose]();
  while (abandoned.length === 0) await new Promise((done) => setTimeout(done, 5));
  t.same([released, abandoned, held.state.isOn], [1, [1], false]);
});
