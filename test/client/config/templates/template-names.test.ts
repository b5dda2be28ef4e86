import { hostname } from "node:os";
import t from "tap";
import { branchAt, templateNames } from "../../../../src/client/config/templates/template-names.ts";

void t.test("names stand for the environment, the machine, who is on it and the branch", async (t) => {
  const folder = t.testdir({ ".git": { HEAD: "ref: refs/heads/feature/x\n" }, sub: {} });
  const names = templateNames({
    environment: { USER: "alice", EMPTY: "", SUDO_USER: "bob" },
    folder: `${folder}/sub`,
  });
  t.same(names("env.USER"), { value: "alice" });
  t.same(names("env.EMPTY"), { value: "" }, "a variable that is empty is set");
  t.same(names("hostname"), { value: hostname() });
  t.same(names("user"), { value: "bob" }, "under sudo it is whoever called it");
  t.same(names("git.branch"), { value: "feature/x" });
});

void t.test("what has no value is told apart from what is no name", async (t) => {
  const names = templateNames({
    environment: { USER: "alice" },
    folder: t.testdir({ ".git": { HEAD: "0123abc\n" } }),
  });
  t.match(names("env.NOBODY"), { missing: /NOBODY is not set/, hint: /default/ });
  t.match(names("git.branch"), { missing: /no branch/ });
  t.match(names("USER"), { unknown: /"USER"/, hint: "Did you mean env.USER?" });
  t.match(names("hostnam"), { hint: "Did you mean hostname?" });
  t.match(names("git.commit"), { unknown: /git\.commit/, hint: /Known here: env\.<variable>, git\.branch/ });
  t.match(names("env.a-b"), { unknown: /names no variable/ });
});

void t.test("the branch of a worktree is its own", async (t) => {
  const folder = t.testdir({
    main: {
      ".git": { HEAD: "ref: refs/heads/main\n", worktrees: { w: { HEAD: "ref: refs/heads/other\n" } } },
    },
    work: { ".git": "gitdir: ../main/.git/worktrees/w\n" },
    none: { ".git": "strange\n" },
  });
  t.equal(branchAt(`${folder}/main`), "main");
  t.equal(branchAt(`${folder}/work`), "other");
  t.equal(branchAt(`${folder}/none`), undefined);
});
