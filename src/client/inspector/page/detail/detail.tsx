import { useSignal } from "@preact/signals";
import type { RequestDetail, Row } from "../../page-contract.ts";
import { statusOf } from "../list/status-of.ts";
import { Icon } from "../marks/icon.tsx";
import { WhatMark } from "../marks/what-mark.tsx";
import { useModel } from "../model-context.ts";
import { Harmless } from "../words/harmless.tsx";
import { durationInWords, sizeInWords } from "../words/sizes.ts";
import { Actions } from "./actions.tsx";
import { CompareView } from "./compare-view.tsx";
import { DecisionView } from "./decision-view.tsx";
import { MessagesView } from "./messages-view.tsx";
import { PartView } from "./part-view.tsx";
import { Tabs } from "./tabs.tsx";
import { TimingView } from "./timing-view.tsx";
import { useLoaded } from "./use-loaded.ts";

/** Keys that are held down go over many rows: only where they rest something is asked for. */
const REST_MS = 60;

export type TabName = "request" | "answer" | "messages" | "timing" | "decision" | "compare";

/** Everything about the selected request. */
export function Detail() {
  const model = useModel();
  void model.changes.value;
  const tab = useSignal<TabName>("request");
  const id = model.selected.value ?? 0;
  const row = model.row(id);
  const { value, error } = useLoaded((signal) => model.api.detail(id, signal), {
    subject: id,
    version: row,
    waitMs: REST_MS,
  });
  if (row === undefined)
    return (
      <section class="detail" aria-label="Details">
        <p class="detail-note">This request is forgotten.</p>
      </section>
    );
  const names = tabsOf(row, value, model.pinned.value);
  const shown = names.some(({ name }) => name === tab.value) ? tab.value : "request";
  return (
    <section class="detail" aria-label={`Details of request ${id}`}>
      <Summary row={row} />
      <Actions row={row} detail={value} />
      <Tabs tabs={names} shown={shown} onShow={(name) => (tab.value = name)} />
      <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${shown}`} tabIndex={0}>
        {error !== undefined && (
          <p class="detail-note warn">
            {error.message} {error.hint}
          </p>
        )}
        {value === undefined && error === undefined && <p class="detail-note quiet">Reading…</p>}
        {value !== undefined && <Panel name={shown} row={row} detail={value} />}
      </div>
    </section>
  );
}

function Panel({ name, row, detail }: { name: TabName; row: Row; detail: RequestDetail }) {
  if (name === "request")
    return (
      <PartView
        key={row.id}
        row={row}
        part={detail.request}
        side="request"
        line={<RequestLine detail={detail} />}
      />
    );
  if (name === "messages") return <MessagesView key={row.id} row={row} />;
  if (name === "timing") return <TimingView row={row} timings={detail.timings} />;
  if (name === "decision") return <DecisionView row={row} decision={detail.decision} />;
  if (name === "compare") return <CompareView key={row.id} row={row} detail={detail} />;
  if (detail.answer === null) return <p class="detail-note quiet">{noAnswer(row)}</p>;
  const { status, statusText, version } = detail.answer;
  return (
    <PartView
      key={row.id}
      row={row}
      part={detail.answer}
      side="answer"
      line={
        <>
          <b class={`tone-${statusOf({ ...row, status, state: "over", grpcStatus: null }).tone}`}>{status}</b>{" "}
          <Harmless text={statusText} /> <span class="quiet">{version}</span>
        </>
      }
    />
  );
}

function RequestLine({ detail }: { detail: RequestDetail }) {
  return (
    <>
      <b>
        <Harmless text={detail.row.method} />
      </b>{" "}
      <Harmless text={detail.request.target} /> <span class="quiet">{detail.request.version}</span>
    </>
  );
}

function noAnswer(row: Row): string {
  if (row.state === "held") return "It is held: there is an answer when it was released.";
  if (row.state === "failed") return `There is no answer: ${row.failure ?? "it failed"}.`;
  return row.headsOnly ? "Only the head of the request was seen." : "There is no answer yet.";
}

function tabsOf(row: Row, detail: RequestDetail | undefined, pinned: number | undefined) {
  const tabs: { name: TabName; label: string; mark?: string }[] = [
    { name: "request", label: "Request" },
    { name: "answer", label: "Answer" },
  ];
  if (row.kind === "grpc" || row.kind === "websocket" || row.kind === "sse")
    tabs.push({ name: "messages", label: "Messages" });
  tabs.push({ name: "timing", label: "Timing" }, { name: "decision", label: "Decision" });
  const canCompare = detail !== undefined && (detail.otherAnswer !== null || detail.from !== null);
  if (canCompare || row.compared !== null || (pinned !== undefined && pinned !== row.id)) {
    const differences = detail?.differences?.length ?? 0;
    tabs.push({
      name: "compare",
      label: "Compare",
      ...(differences > 0 ? { mark: String(differences) } : {}),
    });
  }
  return tabs;
}

function Summary({ row }: { row: Row }) {
  const model = useModel();
  const status = statusOf(row);
  const close = (): void => {
    model.selected.value = undefined;
    document.getElementById("rows")?.focus({ preventScroll: true });
  };
  return (
    <div class="summary">
      <div class="summary-line">
        <WhatMark row={row} />
        <b class="summary-method">
          <Harmless text={row.method || row.protocol.toUpperCase()} most={40} isShort />
        </b>
        <span class="summary-path">
          <Harmless text={row.host + row.path || row.peer} most={160} isShort />
        </span>
        <span class={`status-badge tone-${status.tone}`} title={status.title}>
          {status.text}
        </span>
        <button type="button" class="tool" aria-label="Close the details" title="Close (Esc)" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <p class="summary-facts">
        <span>
          {row.what === "passed"
            ? "passed to"
            : row.what === "mirrored"
              ? "mirrored, answered by"
              : "stolen, answered by"}{" "}
          <b>{row.answeredBy}</b>
        </span>
        {row.durationMs !== null && <span>{durationInWords(row.durationMs)}</span>}
        <span>
          {sizeInWords(row.bytesIn)} in, {sizeInWords(row.bytesOut)} out
        </span>
        <span>
          from <code>{row.peer}</code> to :{row.port}
        </span>
        {row.member !== null && (
          <span>
            in <code>{row.member}</code>
          </span>
        )}
        {row.headsOnly && <span>heads only</span>}
      </p>
      {row.failure !== null && (
        <p class="summary-failure">
          <Icon name="warning" /> <Harmless text={row.failure} />
        </p>
      )}
    </div>
  );
}
