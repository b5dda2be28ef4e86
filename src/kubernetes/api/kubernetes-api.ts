import type { IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type AccessAttributes, KubernetesError } from "../errors.ts";
import { ApiCaller } from "./api-call.ts";
import type { Query } from "./api-url.ts";
import { type ClusterAccess, type ClusterFlags, findCluster } from "./cluster-access.ts";
import { exec, type ExecOptions, type ExecProcess, type ExecResult, execToEnd } from "./exec.ts";
import type { EphemeralContainer, KubernetesObject, Pod } from "./objects.ts";
import { portForward, type PortForwardOptions } from "./port-forward.ts";
import { type ObjectReference, pathTo, type Resource, resources } from "./resource.ts";
import { readWatch, type WatchEvent } from "./watch-stream.ts";

/** Somebody else's writes to a pod of ours are few. */
const conflictsBorne = 5;
const conflictPauseMs = 200;

/** How long a call may take, and what ends it. */
export interface CallBounds {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface ListOptions extends CallBounds {
  /** Of all namespaces when absent. */
  readonly namespace?: string | undefined;
  /** `app=web,tier in (a,b)`. */
  readonly labelSelector?: string | undefined;
  /** `spec.nodeName=one`. */
  readonly fieldSelector?: string | undefined;
  /** Objects in one page, 500 unless said. */
  readonly limit?: number;
}

/** A list, and the state of the cluster it shows: from there a watch goes on. */
export interface ObjectList<Item> {
  readonly items: readonly Item[];
  readonly resourceVersion: string;
}

export interface WatchOptions extends Omit<ListOptions, "limit" | "timeoutMs"> {
  readonly resourceVersion: string;
  /** How long the API server keeps the stream; 290 s unless said. Then it ends in good order. */
  readonly seconds?: number;
}

/** Whether something is allowed; `reason` is the authorizer's, often empty. */
export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: string;
}

const pageLimit = 500;
/** API servers end a watch after 5 to 10 minutes by themselves; proxies often after 5. */
const watchSeconds = 290;

/**
 * The calls of the Kubernetes API that Magpie makes, typed. Each takes a signal and has a bound; each fails with KubernetesError
 * as errors.ts says, or with the signal's reason. Who opens it disposes of it.
 */
export class KubernetesApi implements Disposable {
  /** Which cluster, as whom, in which namespace by default. */
  readonly cluster: ClusterAccess;
  readonly #caller: ApiCaller;

  constructor(cluster: ClusterAccess, environment: NodeJS.ProcessEnv = process.env) {
    this.cluster = cluster;
    this.#caller = new ApiCaller(cluster, environment);
  }

  /** The API of the cluster that flags and environment name. Nothing is asked of it yet. @throws KubernetesError `kubeconfig` */
  static async open(
    flags: ClusterFlags = {},
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<KubernetesApi> {
    return new KubernetesApi(await findCluster(flags, environment), environment);
  }

  /** One object. @throws KubernetesError `not-found` */
  async get<Item extends KubernetesObject>(
    resource: Resource,
    reference: { readonly namespace?: string | undefined; readonly name: string },
    bounds: CallBounds = {},
  ): Promise<Item> {
    const value = await this.#json({ method: "GET", verb: "get", resource, reference, ...bounds });
    return value as Item; // The API server's own shape: see objects.ts.
  }

  /** All objects of a kind, page after page. @throws KubernetesError `gone` when paging took longer than the server keeps it. */
  async list<Item extends KubernetesObject>(
    resource: Resource,
    options: ListOptions = {},
  ): Promise<ObjectList<Item>> {
    const items: Item[] = [];
    let resourceVersion = "";
    for await (const page of this.pages<Item>(resource, options)) {
      items.push(...page.items);
      resourceVersion = page.resourceVersion;
    }
    return { items, resourceVersion };
  }

  /** The same, page by page: who stops reading asks for no further one. */
  async *pages<Item extends KubernetesObject>(
    resource: Resource,
    options: ListOptions = {},
  ): AsyncGenerator<ObjectList<Item>, void, undefined> {
    let next: string | undefined;
    do {
      const page = (await this.#json({
        method: "GET",
        verb: "list",
        resource,
        reference: { namespace: options.namespace },
        query: {
          labelSelector: options.labelSelector,
          fieldSelector: options.fieldSelector,
          limit: options.limit ?? pageLimit,
          continue: next,
        },
        signal: options.signal,
        timeoutMs: options.timeoutMs,
      })) as { items?: Item[] | null; metadata?: { resourceVersion?: string; continue?: string } }; // A List.
      // A list without items may have null there.
      yield { items: page.items ?? [], resourceVersion: page.metadata?.resourceVersion ?? "" };
      next = page.metadata?.continue;
    } while (next);
  }

  /**
   * What changes after `resourceVersion`, until the API server ends the stream; bookmarks are among it.
   * @throws KubernetesError `gone` when that version is no longer known: list again.
   */
  async *watch<Item extends KubernetesObject>(
    resource: Resource,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<Item>, void, undefined> {
    const answer = await this.#open({
      method: "GET",
      verb: "watch",
      resource,
      reference: { namespace: options.namespace },
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: options.resourceVersion,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        timeoutSeconds: options.seconds ?? watchSeconds,
      },
      signal: options.signal,
    });
    try {
      yield* readWatch<Item>(answer, this.cluster, options.signal);
    } finally {
      answer.destroy();
    }
  }

  /** Makes an object. @throws KubernetesError `conflict` when one of that name is there, `denied`, `invalid`. */
  async create<Item extends KubernetesObject>(
    resource: Resource,
    object: Item & KubernetesObject,
    options: CallBounds & { readonly namespace?: string; readonly dryRun?: boolean } = {},
  ): Promise<Item> {
    const namespace = options.namespace ?? object.metadata.namespace;
    const value = await this.#json({
      method: "POST",
      verb: "create",
      resource,
      reference: { namespace },
      ...(options.dryRun === true ? { query: { dryRun: "All" } } : {}),
      body: { apiVersion: versionOf(resource), kind: resource.kind, ...object },
      signal: options.signal,
      timeoutMs: options.timeoutMs,
    });
    return value as Item; // The API server's own shape: see objects.ts.
  }

  /**
   * Changes an object, or a part of one (`subresource`). A strategic merge patch joins lists by their key, as `name` of
   * containers; objects of custom kinds take only `merge`.
   */
  async patch<Item extends KubernetesObject>(
    resource: Resource,
    reference: ObjectReference & { readonly name: string },
    patch: unknown,
    options: CallBounds & { readonly form?: "strategic" | "merge"; readonly dryRun?: boolean } = {},
  ): Promise<Item> {
    const form = options.form === "merge" ? "merge-patch" : "strategic-merge-patch";
    const value = await this.#json({
      method: "PATCH",
      verb: "patch",
      resource,
      reference,
      ...(options.dryRun === true ? { query: { dryRun: "All" } } : {}),
      body: patch,
      contentType: `application/${form}+json`,
      signal: options.signal,
      timeoutMs: options.timeoutMs,
    });
    return value as Item; // The API server's own shape: see objects.ts.
  }

  /**
   * Adds an ephemeral container to a pod; it stays listed there for good. Needs `patch pods/ephemeralcontainers`. A kubelet may write
   * the pod's status at the same time, which the API server tells as a conflict (409): it is asked again then.
   */
  async addEphemeralContainer(
    pod: { readonly namespace: string; readonly name: string },
    container: EphemeralContainer,
    options: CallBounds & { readonly dryRun?: boolean } = {},
  ): Promise<Pod> {
    const reference = { ...pod, subresource: "ephemeralcontainers" };
    const patch = { spec: { ephemeralContainers: [container] } };
    for (let left = conflictsBorne; ; left--) {
      try {
        return await this.patch<Pod>(resources.pods, reference, patch, options);
      } catch (error) {
        if (left === 0 || !(error instanceof KubernetesError) || error.code !== "conflict") throw error;
        await sleep(conflictPauseMs, undefined, { signal: options.signal });
      }
    }
  }

  /** Deletes an object; one that is not there is deleted already. */
  async delete(
    resource: Resource,
    reference: { readonly namespace?: string | undefined; readonly name: string },
    options: CallBounds & { readonly graceSeconds?: number } = {},
  ): Promise<void> {
    const query = options.graceSeconds === undefined ? {} : { gracePeriodSeconds: options.graceSeconds };
    const { signal, timeoutMs } = options;
    try {
      await this.#json({ method: "DELETE", verb: "delete", resource, reference, query, signal, timeoutMs });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Whether we may do something. Everybody who is logged in may ask that. */
  async reviewAccess(attributes: AccessAttributes, bounds: CallBounds = {}): Promise<AccessAnswer> {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const value = (await this.#caller.json({
      method: "POST",
      path,
      line: `POST ${path}`,
      access: undefined,
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: attributes },
      },
      ...bounds,
    })) as { status?: { allowed?: boolean; reason?: string } }; // A SelfSubjectAccessReview.
    return { allowed: value.status?.allowed === true, reason: value.status?.reason ?? "" };
  }

  /** What a container has written; as it comes with `follow`. The caller reads it to its end, or destroys it. */
  async logs(
    container: { readonly namespace: string; readonly pod: string; readonly container: string },
    options: CallBounds & {
      readonly follow?: boolean;
      readonly tailLines?: number;
      readonly sinceSeconds?: number;
      readonly previous?: boolean;
      readonly limitBytes?: number;
    } = {},
  ): Promise<Readable> {
    const { follow, tailLines, sinceSeconds, previous, limitBytes } = options;
    return await this.#open({
      method: "GET",
      verb: "get",
      resource: resources.pods,
      reference: { namespace: container.namespace, name: container.pod, subresource: "log" },
      query: { container: container.container, follow, tailLines, sinceSeconds, previous, limitBytes },
      signal: options.signal,
      timeoutMs: options.timeoutMs,
    });
  }

  /** Runs a program in a container. */
  async exec(options: ExecOptions): Promise<ExecProcess> {
    return await exec(this.#caller, options);
  }

  /** Runs a program in a container to its end. */
  async execToEnd(
    options: Omit<ExecOptions, "stdin"> & { readonly input?: string | Uint8Array },
  ): Promise<ExecResult> {
    return await execToEnd(this.#caller, options);
  }

  /** One connection to a port of a pod. */
  async portForward(options: PortForwardOptions): Promise<Duplex> {
    return await portForward(this.#caller, options);
  }

  /** What runs there: `v1.33.2`. */
  async version(
    bounds: CallBounds = {},
  ): Promise<{ readonly gitVersion: string; readonly platform: string }> {
    const call = {
      method: "GET",
      path: "/version",
      line: "GET /version",
      access: undefined,
      ...bounds,
    } as const;
    const value = (await this.#caller.json(call)) as { gitVersion?: string; platform?: string }; // version.Info
    return { gitVersion: value.gitVersion ?? "unknown", platform: value.platform ?? "unknown" };
  }

  /** Closes what is kept open for further calls; streams that were given stay. */
  [Symbol.dispose](): void {
    this.#caller[Symbol.dispose]();
  }

  async #json(request: ApiRequest): Promise<unknown> {
    return await this.#caller.json(callOf(request));
  }

  async #open(request: ApiRequest): Promise<IncomingMessage> {
    return await this.#caller.open(callOf(request));
  }
}

interface ApiRequest extends CallBounds {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly verb: string;
  readonly resource: Resource;
  readonly reference: ObjectReference;
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
}

function callOf({ verb, resource, reference, ...call }: ApiRequest) {
  const path = pathTo(resource, reference);
  const { namespace, name, subresource } = reference;
  const access: AccessAttributes = {
    verb,
    group: resource.group,
    resource: resource.plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  return { ...call, path, line: `${call.method} ${path}`, access };
}

function versionOf({ group, version }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "not-found";
}
