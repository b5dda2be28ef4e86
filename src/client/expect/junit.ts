/** One condition for a JUnit report. */
export interface JunitCase {
  readonly name: string;
  readonly seconds: number;
  /** `failure`: it did not hold; `error`: nobody knows. */
  readonly problem: {
    readonly kind: "failure" | "error";
    readonly message: string;
    readonly text: string;
  } | null;
}

/**
 * A JUnit report, as CI servers read it (the schema that Jenkins' xunit plugin publishes as junit-10.xsd): one suite with one
 * case for each condition. Well-formed whatever requests said.
 */
export function junitXml(about: {
  readonly suite: string;
  readonly at: Date;
  readonly seconds: number;
  readonly cases: readonly JunitCase[];
  readonly output: string;
}): string {
  const { suite, at, seconds, cases, output } = about;
  const count = (kind: string) => cases.filter(({ problem }) => problem?.kind === kind).length;
  const totals =
    `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="0" ` +
    `time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="magpie expect" ${totals}>`,
    `  <testsuite name="${xmlText(suite)}" ${totals} timestamp="${at.toISOString().slice(0, 19)}">`,
    ...cases.flatMap((one) => caseLines(one, suite)),
    `    <system-out>${xmlText(output)}</system-out>`,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function caseLines({ name, seconds, problem }: JunitCase, suite: string): string[] {
  const head = `    <testcase name="${xmlText(name)}" classname="${xmlText(suite)}" time="${seconds.toFixed(3)}"`;
  if (problem === null) return [`${head}/>`];
  const { kind, message, text } = problem;
  const type = kind === "failure" ? "not-held" : "unsure";
  return [
    `${head}>`,
    `      <${kind} type="${type}" message="${xmlText(message)}">${xmlText(text)}</${kind}>`,
    "    </testcase>",
  ];
}

/** As text or the value of an attribute; what XML 1.0 §2.2 has no character for is replaced. */
function xmlText(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- these are what is looked for
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, "�")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}
