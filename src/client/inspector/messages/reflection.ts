import { protobuf } from "./protobuf.ts";

/**
 * gRPC server reflection, as far as it is needed to learn all services (grpc.io, proto/grpc/reflection/v1/reflection.proto;
 * v1alpha has the same messages). Questions and answers are messages of one call, one answer to each question in order.
 */
export const reflectionMethods = [
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
] as const;

export type ReflectionQuestion =
  | { readonly list: true }
  | { readonly symbol: string }
  | { readonly file: string };

export type ReflectionAnswer =
  | { readonly services: readonly string[] }
  /** Each a FileDescriptorProto. */
  | { readonly files: readonly Buffer[] }
  | { readonly refused: string };

/** Only the fields that are asked for or read; others are skipped. */
const { root } = protobuf.parse(
  `syntax = "proto3";
   message Question { string file_by_filename = 3; string file_containing_symbol = 4; string list_services = 7; }
   message Files { repeated bytes file_descriptor_proto = 1; }
   message Service { string name = 1; }
   message Services { repeated Service service = 1; }
   message Refusal { int32 error_code = 1; string error_message = 2; }
   message Answer { Files files = 4; Services services = 6; Refusal refusal = 7; }
   message Described { string name = 1; repeated string dependency = 3; }`,
  { keepCase: true },
);
const questionType = root.lookupType("Question");
const answerType = root.lookupType("Answer");
const describedType = root.lookupType("Described");

/** Gives a question as a message, without its prefix. */
export function reflectionQuestion(question: ReflectionQuestion): Buffer {
  const fields =
    "list" in question
      ? { list_services: "*" }
      : "symbol" in question
        ? { file_containing_symbol: question.symbol }
        : { file_by_filename: question.file };
  return Buffer.from(questionType.encode(fields).finish());
}

/** Reads an answer, without its prefix. @throws Error for bytes that are none */
export function reflectionAnswer(message: Buffer): ReflectionAnswer {
  const answer: AnswerFields = answerType.toObject(answerType.decode(message), { arrays: true });
  if (answer.files !== undefined)
    return { files: answer.files.file_descriptor_proto.map((file) => Buffer.from(file)) };
  if (answer.services !== undefined)
    return { services: answer.services.service.map(({ name }) => name ?? "") };
  return { refused: answer.refusal?.error_message ?? "the server gave no answer that is known" };
}

/** What a file is called, and which files it needs. @throws Error for bytes that are no FileDescriptorProto */
export function describedFile(file: Buffer): { readonly name: string; readonly needs: readonly string[] } {
  const { name, dependency }: DescribedFields = describedType.toObject(describedType.decode(file), {
    arrays: true,
  });
  return { name: name ?? "", needs: dependency ?? [] };
}

interface AnswerFields {
  readonly files?: { readonly file_descriptor_proto: readonly Uint8Array[] };
  readonly services?: { readonly service: readonly { readonly name?: string }[] };
  readonly refusal?: { readonly error_message?: string };
}

interface DescribedFields {
  readonly name?: string;
  readonly dependency?: readonly string[];
}
