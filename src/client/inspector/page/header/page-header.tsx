import { useModel } from "../model-context.ts";
import type { PageModel } from "../page-model.ts";
import { Icon } from "../marks/icon.tsx";
import { nextTheme, theme } from "../theme.ts";
import { counted, inThousands } from "../words/sizes.ts";
import { visibleText } from "../words/visible-text.ts";
import { saveHar } from "./save-har.ts";

const birdUrl = new URL("../marks/magpie.svg", import.meta.url).href;

/** Whose page this is, how it is connected, what is asked for, and what can be done with all of it. */
export function PageHeader() {
  const model = useModel();
  const state = model.state.value;
  return (
    <header class="header">
      <img class="logo" src={birdUrl} alt="" width="28" height="28" />
      <div class="whose">
        <h1 title={state?.target}>{visibleText(state?.target ?? "Magpie", 80)}</h1>
        <p>
          {state === undefined
            ? "inspector"
            : state.session === null
              ? "looking on, no session of ours"
              : `session ${visibleText(state.session.name, 40)}`}
        </p>
      </div>
      <Connection />
      <Ports />
      <span class="gap" />
      <Holding />
      <div class="buttons" role="group" aria-label="Recorded requests">
        <button
          type="button"
          class="tool"
          title="Forget all recorded requests"
          aria-label="Clear"
          onClick={() => clear(model)}
        >
          <Icon name="clear" />
        </button>
        <label class="tool" title="Import a HAR file (or drop it on the page)">
          <Icon name="upload" />
          <input
            type="file"
            class="file"
            accept=".har,application/json"
            aria-label="Import a HAR file"
            onChange={(event) => void importChosen(model, event.currentTarget)}
          />
        </label>
        <button
          type="button"
          class="tool"
          title="Export what is shown as HAR"
          aria-label="Export what is shown as HAR"
          onClick={() => saveHar(model)}
        >
          <Icon name="download" />
        </button>
      </div>
      <div class="buttons" role="group" aria-label="Page">
        <button
          type="button"
          class="tool"
          title={`Colours: ${theme.value}`}
          aria-label={`Colours: ${theme.value}`}
          onClick={nextTheme}
        >
          <Icon name={theme.value} />
        </button>
        <button
          type="button"
          class="tool"
          title="Keys (?)"
          aria-label="Keys"
          onClick={() => (model.dialog.value = { kind: "keys" })}
        >
          <Icon name="keys" />
        </button>
      </div>
    </header>
  );
}

function Connection() {
  const model = useModel();
  const link = model.link.state.value;
  const connection = model.state.value?.connection;
  const at =
    link.at === "open" ? (connection ?? "connecting") : link.at === "connecting" ? "connecting" : "page-lost";
  return (
    <span class={`connection is-${at}`} role="status">
      <i class="dot" />
      {connectionWords[at]}
    </span>
  );
}

const connectionWords = {
  connecting: "connecting",
  connected: "live",
  lost: "agent lost",
  ended: "ended",
  "page-lost": "disconnected",
};

function Ports() {
  const model = useModel();
  const state = model.state.value;
  if (state === undefined) return null;
  return (
    <ul class="ports" aria-label="Ports">
      {state.ports.map(({ port, mode, local, filter }) => {
        const words = filter === null ? "everything" : visibleText(filter, 400);
        const name = `${mode} port ${port}: ${words}`;
        return (
          <li key={port}>
            <button
              type="button"
              class="port"
              title={`${name}\nto ${local}\n${state.can.setFilter ? "Click to change it" : (state.can.whyNot ?? "")}`}
              aria-label={`${name}. Change the filter`}
              disabled={!state.can.setFilter}
              onClick={() => (model.dialog.value = { kind: "filter", port })}
            >
              <b>{mode}</b> <span class="port-number">:{port}</span> <code>{words}</code>
              {state.can.setFilter && <Icon name="edit" />}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Holding() {
  const model = useModel();
  const state = model.state.value;
  if (state === undefined) return null;
  const { isOn, held, filter } = state.holding;
  const flip = (): void =>
    void model.attempt(async () => {
      model.state.value = await model.api.hold({ isOn: !isOn, filter });
      return undefined;
    });
  const why = state.can.hold ? undefined : (state.can.whyNot ?? "Nothing can be held here");
  return (
    <div class={`holding${isOn ? " on" : ""}`} role="group" aria-label="Holding">
      <button
        type="button"
        class="hold-switch"
        role="switch"
        aria-checked={isOn}
        aria-label="Hold new requests"
        disabled={!state.can.hold}
        title={why ?? (isOn ? "Let all go on" : "New stolen requests wait until they are released")}
        onClick={flip}
      >
        <Icon name={isOn ? "play" : "pause"} />
        {isOn ? (held > 0 ? counted(held, "held", "held") : "Holding") : "Hold"}
      </button>
      <button
        type="button"
        class="tool"
        aria-label="Which requests are held"
        title={
          filter === null ? "Which requests are held: all" : `Which requests are held: ${visibleText(filter)}`
        }
        disabled={!state.can.hold}
        onClick={() => (model.dialog.value = { kind: "holding" })}
      >
        <Icon name="sliders" />
      </button>
    </div>
  );
}

function clear(model: PageModel): void {
  void model.attempt(async () => {
    const { size } = model.rows;
    await model.api.clear();
    return `${counted(size, "request")} forgotten`;
  });
}

async function importChosen(model: PageModel, input: HTMLInputElement): Promise<void> {
  const [file] = input.files ?? [];
  if (file !== undefined) await importHar(model, file);
  input.value = "";
}

/** Hands a HAR file over, and says what came of it. */
export function importHar(model: PageModel, file: File): Promise<boolean> {
  return model.attempt(async () => {
    const { rows, skipped } = await model.api.importHar(file);
    if (skipped.length > 0)
      model.tell({
        kind: "wrong",
        text: `${inThousands(skipped.length)} of ${visibleText(file.name, 60)} could not be read`,
        hint: visibleText(skipped.slice(0, 3).join("; ")),
      });
    return `${counted(rows, "request")} imported of ${visibleText(file.name, 60)}`;
  });
}
