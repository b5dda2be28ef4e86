import t from "tap";
import { podOwner, shownOwner } from "../../../../src/client/files/fuse/owner-view.ts";

const pod = { user: 10_001, group: 10_002 };

void t.test("what is the app's is shown as the program's own, and asked for as the app's", async (t) => {
  const view = { pod, shown: { user: 1000, group: 1000 }, others: "theirs" } as const;
  t.same(shownOwner(view, pod), { user: 1000, group: 1000 });
  t.same(shownOwner(view, { user: 0, group: 10_002 }), { user: 0, group: 1000 });
  t.same(podOwner(view, { user: 1000, group: null }), { user: 10_001, group: null });
  t.same(podOwner(view, { user: null, group: 7 }), { user: null, group: 7 });
});

void t.test("where the kernel knows of one user only, everything is his", async (t) => {
  const view = { pod, shown: { user: 0, group: 0 }, others: "ours" } as const;
  t.same(shownOwner(view, { user: 55, group: 66 }), { user: 0, group: 0 });
  t.same(podOwner(view, { user: 0, group: 0 }), pod);
});
