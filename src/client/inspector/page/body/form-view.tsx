import { useMemo } from "preact/hooks";
import { Harmless } from "../words/harmless.tsx";
import { multipartFields, urlencodedFields } from "./form-fields.ts";
import { TextLines } from "./text-lines.tsx";

/** The fields of a form that was sent. */
export function FormView({
  bytes,
  contentType,
}: {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}) {
  const fields = useMemo(
    () =>
      /^multipart\//i.test(contentType)
        ? multipartFields(bytes, contentType)
        : urlencodedFields(new TextDecoder().decode(bytes)),
    [bytes, contentType],
  );
  if (fields === undefined) return <TextLines text={new TextDecoder().decode(bytes)} />;
  return (
    <table class="fields">
      <tbody>
        {fields.map(({ name, value, file }, index) => (
          <tr key={index}>
            <th scope="row">
              <Harmless text={name} most={200} />
            </th>
            <td>
              {file !== undefined && (
                <b>
                  <Harmless text={file} most={200} />{" "}
                </b>
              )}
              <Harmless text={value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
