import t from "tap";
import { PickList, type PickItem } from "../../../../src/client/cli/picker/pick-list.ts";
import { pickView } from "../../../../src/client/cli/picker/pick-view.ts";
import { widthOf } from "../../../../src/client/text/fit-width.ts";

function item(value: string, about: readonly string[], rank = 1): PickItem {
  return { value, rank, about, isDim: false, containers: [], namespace: undefined };
}

const plain = (_style: unknown, text: string): string => text;

void t.test("each typed word must stand somewhere, in any case; sessions of yours come first", (t) => {
  const list = new PickList();
  list.add([item("deployment/web", ["shop", "2/2 ready"]), item("pod/db-0", ["Data", "1/1 ready"])]);
  list.add([item("netns:shop", ["this machine"], 0)]);
  const found = (text: string) => list.matching(text).map(({ value }) => value);
  t.same(found(""), ["netns:shop", "deployment/web", "pod/db-0"]);
  t.same(found("SHOP ready"), ["deployment/web"]);
  t.same(found("data"), ["pod/db-0"]);
  t.same(found("nobody"), []);
  t.end();
});

void t.test("a list that is asked for fills when it comes, and what fails is a note", async (t) => {
  const list = new PickList();
  let changes = 0;
  list.onChange = () => {
    changes += 1;
  };
  const { promise, resolve } = Promise.withResolvers<PickItem[]>();
  const asked = [
    list.ask("the cluster", () => promise),
    list.ask("this machine", () => Promise.reject(new Error("no rights"))),
  ];
  t.same(list.busy, ["the cluster", "this machine"]);
  resolve([item("pod/a", [])]);
  await Promise.all(asked);
  t.same([list.busy, list.notes], [[], ["this machine: no rights"]]);
  t.ok(changes >= 5);
  t.equal(list.matching("").length, 1);
});

void t.test("no line is wider than the terminal, and the active one is always to be seen", (t) => {
  const items = Array.from({ length: 200 }, (_, index) =>
    item(`deployment/service-number-${index}`, ["a-namespace", "1/1 ready", "容器 📦"]),
  );
  for (const columns of [10, 40, 80, 200])
    for (const [rows, active] of [
      [6, 0],
      [24, 199],
      [50, 100],
    ] as const) {
      const state = {
        question: "Which target?",
        typed: "",
        items,
        active,
        busy: ["the cluster"],
        notes: ["x".repeat(300)],
      };
      const { list } = pickView({ ...state, keys: ["Tab all namespaces"], columns, rows }, plain);
      const lines = list.split("\n");
      t.ok(
        lines.every((line) => widthOf(line) < Math.max(columns, 10)),
        `${columns} columns`,
      );
      t.ok(lines.length < rows, `${rows} rows`);
      t.equal(lines.filter((line) => line.startsWith("❯")).length, 1);
    }
  t.end();
});
