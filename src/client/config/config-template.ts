/** What is known of a config that is to be written. */
export interface ConfigAnswers {
  readonly target?: string;
  /** As after `--port`. */
  readonly port?: string;
  readonly header?: string;
  readonly mode?: "steal" | "mirror" | "off";
}

/** Gives the text of a config with comments, in the format of an ending; what no answer says stands there as a comment. */
export function configTemplate(ending: string, answers: ConfigAnswers): string {
  if (ending === ".toml") return tomlOf(answers);
  return ending === ".yaml" || ending === ".yml" ? yamlOf(answers) : jsonOf(answers);
}

const words = {
  first: "How magpie runs a program in the place of a pod: docs/config.md has every field.",
  show: "`magpie config show --origin` tells what holds, `magpie config check` what is wrong.",
  target: "In whose place: deployment/web, pod/web-0, label:app=web, container:shop …",
  ports: "Port of the target, and where its requests go here. exec finds the ports of its program.",
  filter:
    "Whose requests: without a filter it is everybody's. Each who uses this file has their own name in it.",
  mode: "What exec does with requests: steal (answer them), mirror (have copies) or off.",
  environment: "Variables of the program: the pod's, but for these.",
  session: "How long a session lives, and what it says.",
} as const;

const usual = { target: "deployment/web", port: "80:3000", header: "x-user: {{ env.USER }}", mode: "steal" };

function jsonOf(answers: ConfigAnswers): string {
  const { target = usual.target, port = usual.port, header = usual.header, mode = usual.mode } = answers;
  const open = (key: keyof ConfigAnswers) => (answers[key] === undefined ? "// " : "");
  return `// ${words.first}
// ${words.show}
{
  // ${words.target}
  ${open("target")}"target": ${JSON.stringify(target)},
  "incoming": {
    // ${words.ports}
    ${open("port")}"ports": [${JSON.stringify(port)}],
    // ${words.filter}
    ${open("header")}"filter": { "header": ${JSON.stringify(header)} },
    // ${words.mode}
    ${open("mode")}"mode": ${JSON.stringify(mode)},
  },
  // ${words.environment}
  "environment": {
    // "exclude": ["AWS_*"],
    // "override": { "LOG_LEVEL": "debug" },
  },
  // ${words.session}
  "session": {
    // "for": "8h",
  },
}
`;
}

function yamlOf(answers: ConfigAnswers): string {
  const { target = usual.target, port = usual.port, header = usual.header, mode = usual.mode } = answers;
  const open = (key: keyof ConfigAnswers) => (answers[key] === undefined ? "# " : "");
  return `# ${words.first}
# ${words.show}

# ${words.target}
${open("target")}target: ${JSON.stringify(target)}

incoming:
  # ${words.ports}
  ${open("port")}ports: [${JSON.stringify(port)}]
  # ${words.filter}
  ${open("header")}filter: { header: ${JSON.stringify(header)} }
  # ${words.mode}
  ${open("mode")}mode: ${mode}

# ${words.environment}
environment:
  # exclude: ["AWS_*"]
  # override: { LOG_LEVEL: debug }

# ${words.session}
session:
  # for: 8h
`;
}

function tomlOf(answers: ConfigAnswers): string {
  const { target = usual.target, port = usual.port, header = usual.header, mode = usual.mode } = answers;
  const open = (key: keyof ConfigAnswers) => (answers[key] === undefined ? "# " : "");
  return `# ${words.first}
# ${words.show}

# ${words.target}
${open("target")}target = ${JSON.stringify(target)}

[incoming]
# ${words.ports}
${open("port")}ports = [${JSON.stringify(port)}]
# ${words.filter}
${open("header")}filter = { header = ${JSON.stringify(header)} }
# ${words.mode}
${open("mode")}mode = ${JSON.stringify(mode)}

# ${words.environment}
[environment]
# exclude = ["AWS_*"]
# override = { LOG_LEVEL = "debug" }

# ${words.session}
[session]
# for = "8h"
`;
}
