import type { Comparison, Filter, GrpcTest, HeaderTest } from "./filter.ts";

/** What a gRPC clause that says only one thing says, beside being about gRPC calls; `call` is nothing more. */
export type GrpcPart =
  | { readonly on: "call" }
  | { readonly on: "service" | "method"; readonly test: Comparison }
  | { readonly on: "metadata"; readonly test: string | HeaderTest };

/**
 * The clauses that together say what a gRPC clause says: one for the service, one for the method, one for each test
 * of the metadata. Absent metadata becomes the contrary of present metadata, beside a clause that wants a call.
 */
export function grpcClauses(grpc: GrpcTest): readonly Filter[] {
  const clauses: Filter[] = [];
  const without: Filter[] = [];
  const { service, method } = grpc;
  if (service !== undefined) clauses.push({ grpc: { service: nameTest(service) } });
  if (method !== undefined) clauses.push({ grpc: { method: nameTest(method) } });
  for (const metadata of metadataTests(grpc)) {
    if (typeof metadata === "object" && "absent" in metadata) {
      without.push({ not: { grpc: { metadata: { name: metadata.name, present: true } } } });
    } else clauses.push({ grpc: { metadata } });
  }
  return clauses.length === 0 ? [{ grpc: { present: true } }, ...without] : [...clauses, ...without];
}

/** What a clause out of `grpcClauses` says. */
export function grpcPart(grpc: GrpcTest): GrpcPart {
  const { service, method } = grpc;
  if (service !== undefined) return { on: "service", test: nameTest(service) };
  if (method !== undefined) return { on: "method", test: nameTest(method) };
  const [metadata] = metadataTests(grpc);
  return metadata === undefined ? { on: "call" } : { on: "metadata", test: metadata };
}

/** A name alone is meant exactly. */
export function nameTest(test: string | Comparison): Comparison {
  return typeof test === "string" ? { equals: test } : test;
}

/** The tests of the metadata, of which one may stand without a list. */
export function metadataTests({ metadata = [] }: GrpcTest): readonly (string | HeaderTest)[] {
  return typeof metadata === "string" || "name" in metadata ? [metadata] : metadata;
}
