import { useState } from "preact/hooks";
import type { BodySide, MessageList, Row } from "../../page-contract.ts";
import { useModel } from "../model-context.ts";
import type { PageModel } from "../page-model.ts";
import { JsonText } from "../body/json-text.tsx";
import { Harmless } from "../words/harmless.tsx";
import { counted, sizeInWords, timeOfDay } from "../words/sizes.ts";
import { useLoaded } from "./use-loaded.ts";

type Message = MessageList["messages"][number] & { readonly of: BodySide };

/** Messages of WebSocket, SSE and gRPC, both directions in the order of their times where these are known. */
export function MessagesView({ row }: { readonly row: Row }) {
  const model = useModel();
  const descriptors = model.state.value?.descriptors;
  const sides: readonly BodySide[] = row.kind === "sse" ? ["answer"] : ["request", "answer"];
  const { value, error } = useLoaded(
    (signal) =>
      Promise.all(sides.map(async (of) => ({ of, list: await model.api.messages(row.id, of, signal) }))),
    {
      subject: row.id,
      version: JSON.stringify([row.bytesIn, row.bytesOut, row.state, descriptors]),
      waitMs: 100,
    },
  );
  if (error !== undefined)
    return (
      <p class="detail-note warn">
        {error.message} {error.hint}
      </p>
    );
  if (value === undefined) return <p class="detail-note quiet">Reading…</p>;
  const messages: Message[] = value.flatMap(({ of, list }) =>
    list.messages.map((message) => ({ ...message, of })),
  );
  if (messages.every(({ at }) => at !== null)) messages.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  return (
    <div class="messages">
      {row.kind === "grpc" && messages.some(({ kind }) => kind === "undecoded") && (
        <Descriptors model={model} />
      )}
      {value.map(
        ({ of, list }) =>
          list.note !== null && (
            <p key={of} class="detail-note quiet">
              {list.note}
            </p>
          ),
      )}
      {messages.length === 0 && <p class="detail-note quiet">No message yet.</p>}
      <ol>
        {messages.map((message, index) => (
          <MessageLine key={index} message={message} />
        ))}
      </ol>
      {value.map(
        ({ of, list }) =>
          list.left > 0 && (
            <p key={of} class="detail-note warn">
              {counted(list.left, "more message")} of the {of} {list.left === 1 ? "is" : "are"} not kept.
            </p>
          ),
      )}
    </div>
  );
}

function MessageLine({ message }: { message: Message }) {
  const { at, kind, name, text, bytes, of } = message;
  const [isOpen, setOpen] = useState(false);
  const isOut = of === "request";
  const isJson = kind === "json" || (kind !== "binary" && /^\s*[{[]/.test(text));
  return (
    <li class={isOut ? "from-caller" : "to-caller"}>
      <button type="button" class="message-head" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span class="direction" role="img" aria-label={isOut ? "from the caller" : "to the caller"}>
          {isOut ? "↑" : "↓"}
        </span>
        <span class="message-kind">{name === "" ? kind : <Harmless text={name} most={80} isShort />}</span>
        <span class="message-text">
          <Harmless text={text} most={160} isShort />
        </span>
        <span class="number quiet">{sizeInWords(bytes)}</span>
        <span class="number quiet">{at === null ? "" : timeOfDay(at)}</span>
      </button>
      {isOpen &&
        (isJson ? (
          <JsonText text={text} />
        ) : (
          <pre class={kind === "binary" || kind === "undecoded" ? "hex" : undefined}>
            <Harmless text={text} most={20_000} />
          </pre>
        ))}
    </li>
  );
}

/** How gRPC messages can be read: by descriptors, given or asked for. */
function Descriptors({ model }: { model: PageModel }) {
  const add = (input: HTMLInputElement): void => {
    const files = [...(input.files ?? [])];
    void model.attempt(async () => {
      for (const file of files) model.state.value = await model.api.addDescriptors(file);
      return `Descriptors of ${counted(files.length, "file")} are known`;
    });
    input.value = "";
  };
  const reflect = (): void =>
    void model.attempt(async () => {
      const state = await model.api.reflect();
      model.state.value = state;
      return `${counted(state.descriptors.flatMap(({ services }) => services).length, "service")} known`;
    });
  return (
    <div class="descriptors">
      <p>These messages can be read with their descriptors.</p>
      <label class="button">
        Give .proto files
        <input
          type="file"
          class="file"
          multiple
          accept=".proto,.pb,.desc,.binpb,.protoset"
          aria-label="Give .proto files or a descriptor set"
          onChange={(event) => add(event.currentTarget)}
        />
      </label>
      <button type="button" class="button" onClick={reflect}>
        Ask by reflection
      </button>
    </div>
  );
}
