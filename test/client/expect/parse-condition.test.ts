import t from "tap";
import { conditionsOfFlags } from "../../../src/client/expect/conditions-of-flags.ts";
import { readCondition } from "../../../src/client/expect/parse-condition.ts";
import { parseStatusTest } from "../../../src/client/expect/status-test.ts";
import type { ClientError } from "../../../src/client/errors.ts";

const none = {
  ...{ header: [], path: [], method: [], host: [], query: [], grpc: [], filter: [] },
  ...{ answeredBy: [], status: [], expect: [] },
};

void t.test("a condition is read, and written as it is meant", async (t) => {
  for (const [written, text] of [
    ["stolen", "stolen >=1"],
    ["stolen >= 3", "stolen >=3"],
    ['passed 0 where path ^= "/api"', 'passed 0 where path ^= "/api"'],
    ["requests status 5xx 0", "requests status 5xx 0"],
    ["status <500 >2", "requests status <500 >=3"],
    ["every stolen status 200-299", "every stolen status 200-299"],
    ["answered-by alice <2", "answered-by alice <=1"],
    [">=1 where method == GET", "requests >=1 where method == GET"],
  ] as const)
    t.equal(readCondition(written).text.replaceAll('"GET"', "GET"), text, written);
});

void t.test("what is wrong with a condition is said", async (t) => {
  for (const [written, message] of [
    ["", /it is empty/],
    ["stollen >=3", /nothing to expect/],
    ["stolen =>3", /"=>3" is no count/],
    ["stolen status abc", /"abc" is no status/],
    ["every stolen", /needs a status/],
    ["every requests status 2xx 3", /contradict/],
    ["stolen 3 4", /too much/],
    ["answered-by", /by whom/],
    ["stolen where path ^=", /./],
  ] as const)
    t.throws(() => readCondition(written), { message }, written);
  try {
    readCondition("stollen >=3");
  } catch (error) {
    t.match((error as ClientError).hint, /Did you mean stolen/);
  }
});

void t.test("flags make conditions that share their filter flags", async (t) => {
  const problems: ClientError[] = [];
  const read = conditionsOfFlags(
    {
      ...none,
      ...{ stolen: ">=3", failed: "0", path: ["^/api"], answeredBy: ["ann", "app 0", "bob@host >=2"] },
      ...{ status: ["<500", "5xx 0"], expect: ["passed 0 where method == GET"] },
    },
    problems,
  );
  t.same(problems, []);
  const where = ' where path("^/api")';
  t.same(
    read.map(({ text }) => text),
    [
      `stolen >=3${where}`,
      `failed 0${where}`,
      `answered-by ann >=1${where}`,
      `answered-by app 0${where}`,
      `answered-by bob@host >=2${where}`,
      `every requests status <500${where}`,
      `requests status 5xx 0${where}`,
      `passed 0${where} && method == GET`,
    ],
  );
});

void t.test("all that is wrong is told, and that nothing is expected", async (t) => {
  const problems: ClientError[] = [];
  conditionsOfFlags({ ...none, stolen: "many", status: ["6"], answeredBy: [">=3"], path: ["("] }, problems);
  t.equal(problems.length, 4);
  const nothing: ClientError[] = [];
  conditionsOfFlags({ ...none, path: ["^/"] }, nothing);
  t.match(nothing, [{ message: "nothing is expected" }]);
  const many: ClientError[] = [];
  conditionsOfFlags({ ...none, expect: Array.from({ length: 17 }, () => "stolen") }, many);
  t.match(many, [{ message: /17 conditions are too many/ }]);
});

void t.test("statuses are one, a family, a range or a bound", async (t) => {
  const range = (text: string) => {
    const test = parseStatusTest(text);
    return test === undefined ? undefined : [test.from, test.to];
  };
  t.same(["200", "=404", "2xx", "<500", "<=499", ">=400", ">399", "200-299", "5XX"].map(range), [
    [200, 200],
    [404, 404],
    [200, 299],
    [100, 499],
    [100, 499],
    [400, 999],
    [400, 999],
    [200, 299],
    [500, 599],
  ]);
  t.same(["", "20", "0xx", "xx", "300-200", "<100", "2000", ">=2xx"].map(range), Array(8).fill(undefined));
});
