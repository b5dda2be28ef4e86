import { useModel } from "../model-context.ts";
import { Icon } from "../marks/icon.tsx";
import { counted } from "../words/sizes.ts";

/** What is the matter with the connection or the record, while it is. */
export function Banners() {
  const model = useModel();
  const link = model.link.state.value;
  const state = model.state.value;
  const missing = model.missing.value;
  const forgotten = model.forgotten.value;
  return (
    <div class="banners" aria-live="polite">
      {link.at === "lost" && (
        <p class="banner warn">
          <Icon name="warning" />
          {link.because} The page comes back by itself; what is here can still be read.
          <button type="button" class="link" onClick={() => model.link.tryNow()}>
            Try now
          </button>
        </p>
      )}
      {link.at === "refused" && (
        <p class="banner bad">
          <Icon name="warning" />
          magpie refuses this page: {link.because}. Open the URL that the running command has printed.
        </p>
      )}
      {link.at === "open" && state?.connection === "lost" && (
        <p class="banner warn">
          <Icon name="warning" />
          The connection to the agent is lost. Requests go to the app until it is back.
        </p>
      )}
      {state?.connection === "ended" && (
        <p class="banner">
          <Icon name="warning" />
          The session has ended. What was recorded can still be read and exported.
        </p>
      )}
      {missing > 0 && (
        <p class="banner warn">
          <Icon name="warning" />
          {counted(missing, "request")} could not be told: they came and went too fast.
          <button type="button" class="link" onClick={() => (model.missing.value = 0)}>
            Close
          </button>
        </p>
      )}
      {forgotten !== undefined && (
        <p class="banner">
          <Icon name="warning" />
          The {counted(forgotten.rows, "oldest request")} {forgotten.rows === 1 ? "was" : "were"} forgotten:{" "}
          {forgotten.because}.
          <button type="button" class="link" onClick={() => (model.forgotten.value = undefined)}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}
