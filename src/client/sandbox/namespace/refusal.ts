import { ClientError } from "../../errors.ts";
export function refusalOf(error: unknown, { ownUsers }: { ownUsers: boolean }): ClientError {
  return new ClientError("sandbox-unavailable", `${String(error)} ${ownUsers}`);
}
