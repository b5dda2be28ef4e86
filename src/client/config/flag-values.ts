import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { isRecord } from "../text/json.ts";
import { type Binding, bindings } from "./bindings.ts";
import { filterTexts } from "./filter-texts.ts";
import type { Config } from "./schema/index.ts";

/** What a config says of one flag. */
export interface FlagValue {
  readonly binding: Binding;
  /** A text, one for each time the flag is given, or whether it stands. */
  readonly value: string | readonly string[] | boolean;
  /** Where in the config it stands. */
  readonly path: readonly (string | number)[];
}

/** Where a text stands for an object that has one field. */
const shorthands = new Map([
  ["target", "name"],
  ["incoming.filter", "expression"],
]);

/**
 * Writes a config as flags, those that it says something of; a flag that would not stand is false.
 * @param folder where its paths begin
 */
export function flagValues(config: Config, folder: string): readonly FlagValue[] {
  const flags = bindings.flatMap((binding): FlagValue[] => {
    if (binding.flag === "filter") return filterFlag(config, binding);
    const found = fieldOf(config, binding.field.split("."));
    if (found === undefined) return [];
    const value = writtenOf(found.value, { binding, folder });
    return value === undefined ? [] : [{ binding, value, path: found.path }];
  });
  return flags.map((flag) => (flag.binding.flag === "target" ? withContainer(flag, config) : flag));
}

/** What is written as --filter, the likelier first. */
const filterParts = ["expression", "any", "all", "not"] as const;

function filterFlag(config: Config, binding: Binding): FlagValue[] {
  const value = filterTexts(config);
  const filter = config.incoming?.filter;
  const part = filterParts.find((key) => typeof filter === "object" && filter[key] !== undefined);
  const path = ["incoming", "filter", ...(part === undefined ? [] : [part])];
  return value.length === 0 ? [] : [{ binding, value, path }];
}

/** The value of a field, and the path to it, which is shorter where a text stands for an object. */
function fieldOf(
  config: unknown,
  steps: readonly string[],
): { readonly value: unknown; readonly path: readonly string[] } | undefined {
  let at: unknown = config;
  for (const [index, step] of steps.entries()) {
    const path = steps.slice(0, index);
    if (isRecord(at)) at = Object.hasOwn(at, step) ? at[step] : undefined;
    else return at !== undefined && shorthands.get(path.join(".")) === step ? { value: at, path } : undefined;
  }
  return at === undefined ? undefined : { value: at, path: steps };
}

function writtenOf(
  value: unknown,
  { binding, folder }: { binding: Binding; folder: string },
): FlagValue["value"] | undefined {
  const { form, when, isPath = false, flag } = binding;
  const place = (text: string) =>
    isPath ? placed(text, folder) : flag === "file" ? placedRule(text, folder) : text;
  switch (form) {
    case "text":
      return place(String(value));
    case "switch":
      return String(switchOf(value)) === String(when);
    case "list": {
      const items = Array.isArray(value) ? value : [value];
      // Tests of a filter are `filterTexts`, and so are all calls where one of them is a test.
      const plain = items.filter((item) => !isRecord(item));
      if (plain.length === 0 && items.length > 0) return undefined;
      return flag === "grpc" && plain.length < items.length
        ? undefined
        : plain.map((item) => place(String(item)));
    }
    case "pairs":
      return Object.entries(value ?? {}).map(([name, one]) => `${name}=${String(one)}`);
    case "amounts":
      return typeof value === "string"
        ? value
        : Object.entries(value ?? {})
            .map(([name, one]) => `${name}=${String(one)}`)
            .join(",");
  }
  return JSON.stringify(value);
}

/** A section that stands for yes says so, unless its `enabled` does. */
function switchOf(value: unknown): unknown {
  return isRecord(value) ? (value["enabled"] ?? true) : value;
}

/** `~/` is home, `pod:` a file of the pod, and what is not absolute begins at the folder. */
function placed(path: string, folder: string): string {
  if (path.startsWith("pod:")) return path;
  return /^~(?:\/|$)/.test(path) ? join(homedir(), path.slice(1)) : resolve(folder, path);
}

function placedRule(rule: string, folder: string): string {
  return rule.replace(/^([a-z-]+:)(\.{1,2}(?:\/.*)?)$/s, (_all, mode: string, path: string) => {
    const alone = path.endsWith("/.") ? "/." : "";
    return `${mode}${resolve(folder, path)}${alone}`;
  });
}

function withContainer(flag: FlagValue, { target }: Config): FlagValue {
  const container = typeof target === "object" ? target.container : undefined;
  if (container === undefined || typeof flag.value !== "string" || flag.value.includes("/container/"))
    return flag;
  return { ...flag, value: `${flag.value}/container/${container}` };
}
