import t from "tap";
import { renderTera } from "../../../../src/client/config/mirrord/render-tera.ts";

/** Each variable is its own name in small letters, and the key is `k`. */
function render(text: string) {
  return renderTera(text, ({ subject, filters }) => {
    if (subject.kind === "env" && subject.name === "NONE")
      return subject.fallback ?? { message: "not set", hint: "" };
    const value =
      subject.kind === "env" ? subject.name.toLowerCase() : subject.kind === "key" ? "k" : subject.text;
    return filters.reduce((text, filter) => filter(text), value);
  });
}

void t.test("templates are filled in wherever they stand, with quotes of any kind", (t) => {
  const rendered = (text: string) => render(text).text;
  t.equal(rendered(`a {{ get_env(name="A") }}{{key}}{{- ' b' -}}  c`), "a ak bc");
  t.equal(rendered("{{ get_env(name='NONE', default=`}} x`) }}"), "}} x");
  t.equal(rendered('{{ get_env(name="NONE", default=3000) }}'), "3000");
  t.equal(rendered('{{ get_env(name="AB") | upper | replace(from="A", to="$&") | trim }}'), "$&B");
  t.equal(rendered('{"a":{"b":{}}} {# {{ no }} #}x'), '{"a":{"b":{}}} x');
  t.end();
});

void t.test("places of the result lead back to the file", (t) => {
  const text = 'x: {{ get_env(name="LONG") }}, y: {# gone #}z';
  const { text: rendered, offsetOf } = render(text);
  t.equal(rendered, "x: long, y: z");
  for (const word of ["x", ", y", "z"]) t.equal(offsetOf(rendered.indexOf(word)), text.indexOf(word), word);
  t.equal(offsetOf(rendered.indexOf("ong")), text.indexOf("{{"), "within a value its template");
  t.end();
});

void t.test("all that cannot be read is told at its place", (t) => {
  const wrong = (text: string) => render(text).problems.map(({ offset, message }) => `${offset} ${message}`);
  t.same(wrong("{{ branch }} {{ now() }} {% if a %}x{% endif %}"), [
    "3 there is no value called branch",
    "16 the function now of Tera is not read",
    "25 statements of Tera are not read, as {% if %}",
    "36 statements of Tera are not read, as {% endif %}",
  ]);
  t.match(wrong('{{ get_env(name=\\"A\\") }}')[0], /backslash/);
  t.same(wrong("{{ key"), ["0 a template is not closed"]);
  t.match(wrong("{{ key | title }}")[0], /filter title/);
  t.match(wrong('{{ get_env(default="x") }}')[0], /lacks the name/);
  t.match(wrong('{{ get_env(name="NONE") }}')[0], /not set/);
  t.match(wrong("{{ }}")[0], /not read here/);
  t.end();
});
