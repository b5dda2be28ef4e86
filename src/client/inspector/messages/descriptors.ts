import { protobuf } from "./protobuf.ts";

/** The type of a method's messages in one direction. */
export interface MessageType {
  /** With its package. */
  readonly name: string;
  /** As ProtoJSON, indented; undefined for bytes that are no such message. */
  readonly toJson: (message: Buffer) => string | undefined;
}

/** A file that was given, and what it describes. */
export interface DescribedFile {
  readonly name: string;
  /** With their packages. */
  readonly services: readonly string[];
}

interface Described extends DescribedFile {
  readonly root: protobuf.Root;
}

/** What is known of gRPC services: from .proto files, descriptor sets, or the server itself. Later files go before earlier ones. */
export class Descriptors {
  #sets: Described[] = [];
  /** Texts may import one another, so that they are read together. */
  readonly #texts = new Map<string, string>();
  #fromTexts: Described[] = [];

  get files(): readonly DescribedFile[] {
    return [...this.#fromTexts, ...this.#sets].map(({ name, services }) => ({ name, services }));
  }

  /**
   * Takes a .proto text, or what `protoc --descriptor_set_out` writes.
   * @throws Error saying what is wrong, with the line where there is one; then everything is as it was
   */
  add(name: string, bytes: Buffer): void {
    const text = bytes.toString("utf8");
    if (isProtoText(name, text)) this.#addText(name, text);
    else this.#addSet(name, bytes);
  }

  /** Takes the files of a server's reflection, each a FileDescriptorProto. @throws Error when they do not fit together */
  addReflected(name: string, files: readonly Buffer[]): void {
    const set = new protobuf.Writer();
    // A FileDescriptorSet has nothing but these: field 1, length-delimited.
    for (const file of files) set.uint32(0x0a).bytes(file);
    this.#addSet(name, set.finish());
  }

  /** @param path `/package.Service/Method` */
  messageTypeOf(path: string, from: "client" | "server"): MessageType | undefined {
    const [, service = "", name = ""] = /^\/([^/]+)\/([^/?]+)$/.exec(path) ?? [];
    for (const { root } of [...this.#fromTexts, ...this.#sets]) {
      const method = lookedUp(root, service)?.methods[name];
      const type = from === "client" ? method?.resolvedRequestType : method?.resolvedResponseType;
      if (type !== undefined && type !== null)
        return { name: type.fullName.replace(/^\./, ""), toJson: (message) => jsonOf(type, message) };
    }
    return undefined;
  }

  #addSet(name: string, set: Uint8Array): void {
    const root = protobuf.Root.fromDescriptor(set, { keepCase: true });
    const services = servicesIn(root);
    if (services.length === 0) throw new Error(`${name} describes no service`);
    this.#sets = [{ name, root, services }, ...this.#sets.filter((other) => other.name !== name)];
  }

  #addText(name: string, text: string): void {
    const texts = new Map(this.#texts).set(name, text);
    this.#fromTexts = readTexts(texts);
    this.#texts.set(name, text);
  }
}

function isProtoText(name: string, text: string): boolean {
  return (
    name.endsWith(".proto") ||
    /^\s*(?:\/[/*]|(?:syntax|edition|package|import|message|service|option)\b)/.test(text)
  );
}

/** Those whose imports are there; the last one's must be. */
function readTexts(texts: ReadonlyMap<string, string>): Described[] {
  const root = new protobuf.Root();
  const taken = new Set<string>();
  const owners = new Map<string, string>();
  const take = (name: string, text: string): void => {
    if (taken.has(name)) return;
    taken.add(name);
    const { imports = [], weakImports = [] } = parsed(name, text, root);
    for (const service of servicesIn(root)) if (!owners.has(service)) owners.set(service, name);
    for (const wanted of [...imports, ...weakImports]) {
      const given = [...texts].find(([other]) => other === wanted || wanted.endsWith(`/${other}`));
      if (given !== undefined) take(...given);
      else if (protobuf.common.get(wanted) !== null) root.addJSON(protobuf.common.get(wanted)?.nested ?? {});
      else
        throw new Error(
          `${name} imports ${wanted}: give that file first, or a descriptor set with everything`,
        );
    }
  };
  for (const [name, text] of [...texts].reverse()) take(name, text);
  root.resolveAll();
  return [...texts.keys()].map((name) => ({
    name,
    root,
    services: [...owners].filter(([, owner]) => owner === name).map(([service]) => service),
  }));
}

function parsed(name: string, text: string, root: protobuf.Root): protobuf.IParserResult {
  try {
    return protobuf.parse(text, root, { keepCase: true });
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : "it cannot be read"}`, { cause });
  }
}

function servicesIn(namespace: protobuf.NamespaceBase): string[] {
  return namespace.nestedArray.flatMap((part) => {
    if (part instanceof protobuf.Service) return [part.fullName.replace(/^\./, "")];
    return part instanceof protobuf.Namespace ? servicesIn(part) : [];
  });
}

function lookedUp(root: protobuf.Root, service: string): protobuf.Service | undefined {
  const found = root.lookup(service, [protobuf.Service]);
  return found instanceof protobuf.Service ? found : undefined;
}

function jsonOf(type: protobuf.Type, message: Buffer): string | undefined {
  try {
    return JSON.stringify(type.toJson(type.decode(message)), null, 2);
  } catch {
    return undefined;
  }
}
