/** How a field is written as the value of a flag. */
export type FlagForm =
  /** As a text. */
  | "text"
  /** As a text for each item. */
  | "list"
  /** The flag stands or not. */
  | "switch"
  /** `name=value` for each. */
  | "pairs"
  /** `name=value,…` in one text. */
  | "amounts"
  | "json";

/** Which flag and which variable a field has. The one list of them: the schema says what a field means, and knows no flag. */
export interface Binding {
  readonly field: string;
  /** Its long name, without dashes. */
  readonly flag: string;
  readonly form: FlagForm;
  /** The commands that take it from a file and from a variable; `all` that have the flag. */
  readonly on: readonly string[] | "all";
  /** The flag stands when the field has this value. */
  readonly when?: string | boolean;
  /** A path of a file, which begins at the folder of the project in a config. */
  readonly isPath?: boolean;
  /** In a variable, commas part items too: no item has one itself. */
  readonly hasNoCommas?: boolean;
}

const holding = ["steal", "mirror", "exec"];
const subscribing = ["steal", "mirror"];
const stealing = ["steal", "exec"];
const reading = ["exec", "env", "explain env"];

/** Commands on sessions that are there, whose target is found by itself. */
const ofOwnSessions = ["release", "filter set"];

const text = (field: string, flag: string, on: Binding["on"]): Binding => ({ field, flag, form: "text", on });
const path = (field: string, flag: string, on: Binding["on"]): Binding => ({
  ...text(field, flag, on),
  isPath: true,
});
const list = (field: string, flag: string, on: Binding["on"]): Binding => ({ field, flag, form: "list", on });
const words = (field: string, flag: string, on: Binding["on"]): Binding => ({
  ...list(field, flag, on),
  hasNoCommas: true,
});
const flag = (field: string, name: string, on: Binding["on"]): Binding => ({
  field,
  flag: name,
  form: "switch",
  on,
  when: true,
});

export const bindings: readonly Binding[] = [
  text("target.name", "target", "all"),
  text("target.namespace", "namespace", "all"),
  text("target.context", "context", "all"),
  path("target.kubeconfig", "kubeconfig", "all"),
  text("target.agentNamespace", "agent-namespace", "all"),
  text("target.replicas", "replicas", holding),
  text("target.from", "from", reading),

  { ...flag("incoming.mode", "steal", ["exec"]), when: "steal" },
  { ...flag("incoming.mode", "mirror", ["exec"]), when: "mirror" },
  { ...flag("incoming.mode", "no-incoming", ["exec"]), when: "off" },
  words("incoming.ports", "port", [...holding, "doctor"]),
  { ...flag("incoming.otherPorts", "no-other-ports", ["exec"]), when: false },
  words("incoming.ignorePorts", "ignore-port", ["exec"]),
  text("incoming.localHost", "local-host", subscribing),
  list("incoming.filter.header", "header", holding),
  list("incoming.filter.path", "path", holding),
  words("incoming.filter.method", "method", holding),
  words("incoming.filter.host", "host", holding),
  list("incoming.filter.query", "query", holding),
  words("incoming.filter.grpc", "grpc", holding),
  list("incoming.filter.expression", "filter", holding),
  text("incoming.priority", "priority", stealing),
  text("incoming.onLocalFailure", "on-local-failure", stealing),
  flag("incoming.stealProbes", "steal-probes", stealing),
  flag("incoming.servedBy", "served-by", stealing),
  text("incoming.localProtocol", "local-protocol", holding),
  flag("incoming.localTls", "local-tls", holding),
  path("incoming.localTls.ca", "local-tls-ca", holding),
  path("incoming.tls.cert", "tls-cert", holding),
  path("incoming.tls.key", "tls-key", holding),
  text("incoming.tls.verify", "tls-verify", holding),
  path("incoming.tls.ca", "tls-ca", holding),
  text("incoming.tls.serverName", "tls-server-name", holding),
  path("incoming.tls.clientCa", "tls-client-ca", holding),
  text("incoming.tls.clientAuth", "tls-client-auth", holding),
  path("incoming.tls.appCert", "tls-app-cert", holding),
  path("incoming.tls.appKey", "tls-app-key", holding),
  text("incoming.sample", "sample", ["mirror"]),
  text("incoming.maxRate", "max-rate", ["mirror"]),
  text("incoming.copyTimeout", "copy-timeout", ["mirror"]),
  flag("incoming.compare", "compare", ["mirror"]),
  list("incoming.compare.ignore", "ignore", ["mirror"]),
  path("incoming.compare.report", "report", ["mirror"]),
  text("incoming.compare.maxDifferences", "max-differences", ["mirror"]),
  { ...flag("incoming.compare.learn", "no-learn", ["mirror"]), when: false },

  { ...flag("environment.mode", "no-env", ["exec"]), when: "local" },
  text("environment.process", "process", reading),
  words("environment.exclude", "exclude", reading),
  words("environment.include", "include", reading),
  { field: "environment.map", flag: "map", form: "pairs", on: reading },
  { ...path("environment.envFile", "from-env-file", reading), form: "list" },
  { field: "environment.override", flag: "override", form: "pairs", on: reading },
  words("environment.unset", "unset", reading),

  text("files.mode", "fs", ["exec", "explain path"]),
  list("files.rules", "file", ["exec", "explain path"]),
  words("outgoing.rules", "outgoing", ["exec", "explain host"]),
  text("sandbox", "sandbox", ["exec"]),

  text("agent.form", "agent", "all"),
  text("agent.image", "agent-image", "all"),
  text("agent.pullPolicy", "agent-pull-policy", "all"),
  text("agent.linger", "agent-linger", "all"),
  text("agent.timeout", "agent-timeout", "all"),
  flag("agent.looks", "agent-looks", "all"),
  { field: "agent.security", flag: "agent-security", form: "json", on: "all" },
  words("agent.pullSecrets", "agent-pull-secret", "all"),
  { field: "agent.requests", flag: "agent-requests", form: "amounts", on: "all" },
  { field: "agent.limits", flag: "agent-limits", form: "amounts", on: "all" },
  words("agent.tolerations", "agent-toleration", "all"),
  { field: "agent.labels", flag: "agent-label", form: "pairs", on: "all", hasNoCommas: true },
  { field: "agent.annotations", flag: "agent-annotation", form: "pairs", on: "all" },
  text("agent.runtimeClass", "agent-runtime-class", "all"),
  text("agent.deadline", "agent-deadline", "all"),
  text("agent.redirect", "redirect", holding),
  text("agent.drainMax", "drain-max", holding),
  { field: "agent.budget", flag: "budget", form: "amounts", on: holding },

  text("session.name", "name", holding),
  flag("session.takeOver", "take-over", holding),
  flag("session.keep", "keep", holding),
  text("session.maxRequests", "max-requests", subscribing),
  text("session.for", "for", subscribing),
  text("session.grace", "grace", holding),
  text("session.onLost", "on-lost", holding),
  flag("session.inspect", "inspect", holding),
  text("session.inspectPort", "inspect-port", holding),
  flag("session.trace", "trace", holding),
  text("session.output", "output", holding),
];

/** Those that a command takes from files and variables, by its name: `explain env`. */
export function bindingsOf(command: string): readonly Binding[] {
  // It shows them all; its own --output is about what it prints.
  if (command === "config show") return bindings.filter(({ flag: name }) => name !== "output");
  return bindings.filter(({ on }) => on === "all" || on.includes(command));
}

/** Whether a config counts for a command that nobody named: not where it would hide a session on another target. */
export function looksForConfig(command: string): boolean {
  return !ofOwnSessions.includes(command);
}

/** `MAGPIE_LOCAL_HOST` of `local-host`: every flag that has a field has a variable, called by this rule. */
export function variableOf({ flag: name }: Pick<Binding, "flag">): string {
  return `MAGPIE_${name.toUpperCase().replaceAll("-", "_")}`;
}
