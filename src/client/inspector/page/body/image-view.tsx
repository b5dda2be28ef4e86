import { useEffect, useState } from "preact/hooks";

/** A picture, from memory: nothing is asked of anybody. An SVG is shown as a picture only, so that none of its scripts run. */
export function ImageView({
  bytes,
  type,
}: {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}) {
  const [url, setUrl] = useState<string | undefined>(undefined);
  const [facts, setFacts] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  if (url === undefined) return null;
  return (
    <figure class="image">
      <img
        src={url}
        alt="Content of the body"
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
          setFacts(`${naturalWidth} × ${naturalHeight}`)
        }
        onError={() => setFacts("The browser cannot show this picture.")}
      />
      <figcaption>{facts}</figcaption>
    </figure>
  );
}
