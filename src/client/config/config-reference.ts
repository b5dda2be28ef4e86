import { bindings, variableOf } from "./bindings.ts";
import { schemaFields, type SchemaField } from "./schema/index.ts";

/** The tables of docs/config.md, in Markdown: a heading for each section, a line for each field. */
export function configReference(): string {
  const fields = schemaFields();
  const sections = fields.filter(({ path, isSection }) => isSection && !path.includes("."));
  const alone = fields.filter(({ path, isSection }) => !isSection && !path.includes("."));
  return [
    ...sections.map((section) => sectionText(section, fields)),
    "### Others",
    "",
    ...tableOf(alone),
    "",
  ].join("\n");
}

function sectionText(section: SchemaField, fields: readonly SchemaField[]): string {
  const within = fields.filter(({ path }) => path.startsWith(`${section.path}.`));
  const forms = section.takes === "object" ? [] : [`Takes: ${section.takes}.`];
  return [
    `### ${section.path}`,
    "",
    [section.description, ...forms].join(" "),
    "",
    ...tableOf(within),
    "",
  ].join("\n");
}

function tableOf(fields: readonly SchemaField[]): readonly string[] {
  return [
    "| field | takes | default | flag and variable | what it is |",
    "|-|-|-|-|-|",
    ...fields.map(rowOf),
  ];
}

function rowOf({ path, takes, default: usual, description, examples }: SchemaField): string {
  const example = examples[0] === undefined ? "" : ` Like ${code(examples[0])}`;
  const flags = bindings
    .filter(({ field }) => field === path)
    .map((binding) => {
      return `\`--${binding.flag}\`, \`${variableOf(binding)}\``;
    });
  const cells = [
    `\`${path}\``,
    takes,
    usual === undefined ? "" : code(usual),
    flags.join("<br>"),
    `${description}${example}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/<(?!br>)/g, "&lt;")).join(" | ")} |`;
}

function code(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `\`${text}\``;
}
