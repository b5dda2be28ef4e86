import t from "tap";
import { parseReference } from "../../../src/client/target/parse-reference.ts";

void t.test("each kind is known by its name, its short name, its plural and its group", (t) => {
  const written: [text: string, label: string][] = [
    ["pod/web-1", "pod/web-1"],
    ["po/web-1", "pod/web-1"],
    ["pods/web-1", "pod/web-1"],
    ["deployment/web", "deployment/web"],
    ["deploy/web", "deployment/web"],
    ["deployment.apps/web", "deployment/web"],
    ["Deployment/web", "deployment/web"],
    ["sts/db", "statefulset/db"],
    ["ds/log", "daemonset/log"],
    ["rs/web-abc", "replicaset/web-abc"],
    ["job/once", "job/once"],
    ["cj/nightly", "cronjob/nightly"],
    ["cronjob.batch/nightly", "cronjob/nightly"],
    ["svc/web", "service/web"],
    ["rollout/web", "rollout/web"],
    ["rollout.argoproj.io/web", "rollout/web"],
    ["svc/web.v1", "service/web.v1"],
  ];
  for (const [text, label] of written) t.equal(parseReference(text)?.label, label, text);
  t.end();
});

void t.test("a container may be named behind each", (t) => {
  t.same(parseReference("deploy/web/container/app"), {
    kind: "deployment",
    name: "web",
    container: "app",
    label: "deployment/web/container/app",
  });
  t.match(parseReference("label:app=web/container/app"), {
    kind: "label",
    name: "app=web",
    container: "app",
  });
  t.end();
});

void t.test("labels may have prefixes, several pairs and empty values", (t) => {
  t.equal(parseReference("label:app.kubernetes.io/name=web,tier=")?.name, "app.kubernetes.io/name=web,tier=");
  t.equal(parseReference("label: app=web, tier==front")?.name, "app=web,tier=front");
  t.end();
});

void t.test("what is of another form is left to others", (t) => {
  for (const text of ["shop", "netns:shop", "netns:/run/netns/x", "pid:1", "container:x"])
    t.equal(parseReference(text), undefined, text);
  t.end();
});

void t.test("what is nearly a target says what was meant", (t) => {
  const cases: [text: string, hint: RegExp][] = [
    ["deplyoment/web", /Did you mean deployment\/web\?/],
    ["secret/web", /one of pod, deployment/],
    ["pod/", /After pod\/ comes its name/],
    ["pod/Web", /in small letters/],
    ["pod/web/app", /named so: pod\/web\/container\/app/],
    ["deploy/web/container/", /After \/container\//],
    ["label:", /label:app=web/],
    ["label:app", /label:app=web/],
    ["label:app=a b", /label:app=web/],
    ["label:-x=web", /label:app=web/],
  ];
  for (const [text, hint] of cases) t.throws(() => parseReference(text), { code: "usage", hint }, text);
  t.end();
});
