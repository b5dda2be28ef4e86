import t from "tap";
import { runCli } from "../run-cli.ts";

void t.test("explains paths without asking anybody, for people and for programs", async (t) => {
  const rules = ["--file", "read-write:/var/lib/app", "--file", "local:/var/lib", "--fs", "read"];
  const text = await runCli(["explain", "path", "/var/lib/app//x/../db", "/etc/app.conf", ...rules]);
  t.equal(text.exitCode, 0, text.stderr);
  const [first, second] = text.stdout.split("\n");
  t.match(
    first,
    /^\/var\/lib\/app\/db is the pod's, and changes are made there: --file read-write:\/var\/lib\/app/,
  );
  t.match(second, /^\/etc\/app\.conf is the pod's, to read only: no rule names it, and --fs read/);

  const json = await runCli(["explain", "path", "/var/lib/app", ...rules, "--output", "json"]);
  t.match(JSON.parse(json.stdout), {
    ...{ event: "path", path: "/var/lib/app", mode: "read-write", origin: "flag" },
    ...{ rule: "--file read-write:/var/lib/app", overruled: ["--file local:/var/lib"] },
  });
});

void t.test("a relative path is one from the folder it is asked in", async (t) => {
  const { stdout } = await runCli(["explain", "path", "src"]);
  t.match(stdout, /\/src is yours: .* since it is in the folder where the program is started/);
});
