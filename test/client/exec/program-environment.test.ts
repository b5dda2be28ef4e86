import t from "tap";
import { environmentPlan } from "../../../src/client/context/index.ts";
import { programEnvironment } from "../../../src/client/exec/program-environment.ts";
import { jsonReporter } from "../../../src/client/running/index.ts";

void t.test(
  "values are the very bytes of the pod's, by the rules, and it is told whose they are",
  async (t) => {
    const told: string[] = [];
    const block = Buffer.from("RAW=\xff\xfe\0PATH=/pod/bin\0GONE=1\0", "latin1");
    const source = { process: 7, name: "app", because: "it was named", byteLength: block.length };
    const plan = environmentPlan({
      rules: [
        { flag: "exclude", text: "*" },
        { flag: "include", text: "RAW" },
        { flag: "override", text: "LEVEL=debug" },
        { flag: "unset", text: "GONE" },
      ],
    });
    const pods = { plan, environment: { source, block } };
    const environment = programEnvironment(
      pods,
      jsonReporter((line) => told.push(line)),
    ).map((entry) => entry.toString("latin1"));
    t.ok(environment.includes("RAW=\xff\xfe"));
    t.ok(environment.includes("LEVEL=debug"));
    t.notOk(environment.some((entry) => entry.startsWith("GONE=")));
    t.ok(environment.some((entry) => entry.startsWith("PATH=") && entry !== "PATH=/pod/bin"));
    t.same(
      told.map((line) => JSON.parse(line) as object),
      [
        {
          event: "environment-source",
          process: { pid: 7, name: "app", because: "it was named" },
          isOverwritten: false,
        },
      ],
    );
    t.notMatch(told[0], /RAW|debug/, "and nothing of it");
  },
);

void t.test("without a pod's it is the user's own", async (t) => {
  const environment = programEnvironment(
    undefined,
    jsonReporter(() => t.fail("nothing is told")),
  );
  t.ok(environment.some((entry) => entry.toString() === `PATH=${process.env["PATH"]}`));
});
