import t from "tap";
import { readTemplates } from "../../../../src/client/config/templates/template.ts";

void t.test("a text is taken apart at its templates", async (t) => {
  t.same(readTemplates("plain } { text"), { parts: [{ text: "plain } { text" }] });
  t.same(readTemplates(""), { parts: [] });
  t.same(readTemplates("a-{{ env.USER }}-b"), {
    parts: [{ text: "a-" }, { name: "env.USER", fallback: undefined, begin: 2, end: 16 }, { text: "-b" }],
  });
  t.same(readTemplates("{{user|default('x y')}}").parts, [
    { name: "user", fallback: "x y", begin: 0, end: 23 },
  ]);
  t.same(readTemplates('{{ "{{" }}x').parts, [{ text: "{{" }, { text: "x" }]);
});

void t.test("what is wrong with a template is told where it is", async (t) => {
  const cases: [text: string, message: RegExp, begin: number][] = [
    ["x {{ env.USER", /}} is missing/, 12],
    ["{{ }}", /a name is missing/, 3],
    ["{{ user }", /}} is missing/, 8],
    ["{{ user | upper }}", /behind \| comes default, not "upper"/, 15],
    ["{{ user | default }}", /\( is missing/, 18],
    ["{{ user | default( }}", /a text in quotes is missing/, 19],
    ['{{ user | default("x" }}', /\) is missing/, 22],
    ["{{ user + 1 }}", /}} is missing/, 8],
  ];
  for (const [text, message, begin] of cases) {
    const { fault } = readTemplates(text);
    t.match(fault?.message, message, text);
    t.equal(fault?.begin, begin, text);
    t.match(fault?.hint, /\{\{ env\.USER \}\}/);
  }
});

void t.test("takes time in proportion to the text, whatever is in it", async (t) => {
  const texts = [
    "{{".repeat(500_000),
    '{{ "'.repeat(250_000),
    `{{${" ".repeat(1_000_000)}`,
    "{{user}}".repeat(100_000),
  ];
  const begin = performance.now();
  for (const text of texts) readTemplates(text);
  // Milliseconds where it is linear, hours where it is not.
  t.ok(performance.now() - begin < 5_000);
});
