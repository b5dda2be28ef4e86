import type { Receiver, RequestDetail, Row } from "../../page-contract.ts";
import { Icon } from "../marks/icon.tsx";
import { useModel } from "../model-context.ts";
import { save } from "../header/save-har.ts";
import { copyText } from "./copy-text.ts";

const receiverWords: Record<Receiver, string> = { local: "here", original: "to the app" };

/** What can be done with the selected request. */
export function Actions({ row, detail }: { readonly row: Row; readonly detail: RequestDetail | undefined }) {
  const model = useModel();
  const can = model.state.value?.can;
  const isHttp = row.method !== "";
  const isSendable = isHttp && !row.headsOnly && (can?.sendTo.length ?? 0) > 0;
  const whyNot = sendingRefused(row, can?.whyNot ?? null);
  const replay = (to: Receiver): void =>
    void model.attempt(async () => {
      const { id } = await model.api.replay(row.id, to);
      model.selected.value = id;
      return `Sent again ${receiverWords[to]}, as request ${id}`;
    });
  const release = (): void =>
    void model.attempt(async () => {
      await model.api.release(row.id);
      return "Released";
    });
  const curl = detail?.curl ?? null;
  return (
    <div class="actions" role="toolbar" aria-label="What can be done with this request">
      {row.state === "held" && (
        <button type="button" class="button main" onClick={release}>
          <Icon name="play" /> Release
        </button>
      )}
      {(["local", "original"] as const).map((to) => (
        <button
          key={to}
          type="button"
          class="button"
          disabled={!isSendable || can?.sendTo.includes(to) !== true}
          title={isSendable ? `Send the same request again ${receiverWords[to]}` : whyNot}
          onClick={() => replay(to)}
        >
          <Icon name="replay" /> Replay {receiverWords[to]}
        </button>
      ))}
      <button
        type="button"
        class="button"
        disabled={!isSendable}
        title={isSendable ? "Change it and send it" : whyNot}
        onClick={() => (model.dialog.value = { kind: "edit", id: row.id })}
      >
        <Icon name="edit" /> Edit
      </button>
      <span class="gap" />
      <button
        type="button"
        class="button"
        disabled={curl === null}
        title={
          curl === null
            ? "There is no such command for this request"
            : "Copy a curl command that sends the same"
        }
        onClick={() => void copyText(model, curl ?? "", "The curl command is copied")}
      >
        <Icon name="copy" /> curl
      </button>
      <button
        type="button"
        class="button"
        title="Export this request as HAR"
        aria-label="Export this request as HAR"
        onClick={() => save(model.api.harUrl({ ids: [row.id] }))}
      >
        <Icon name="download" /> HAR
      </button>
      <button
        type="button"
        class="button"
        aria-pressed={model.pinned.value === row.id}
        title="Compare other requests with this one: select another and open Compare"
        onClick={() => (model.pinned.value = model.pinned.value === row.id ? undefined : row.id)}
      >
        <Icon name="pin" /> Compare with…
      </button>
    </div>
  );
}

function sendingRefused(row: Row, whyNot: string | null): string {
  if (row.method === "") return "A connection without HTTP cannot be sent again";
  if (row.headsOnly) return "Only its head was seen: there is no content to send again";
  return whyNot ?? "There is nobody to send it to";
}
