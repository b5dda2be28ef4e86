import t from "tap";
import { toByteText } from "../../../src/client/context/byte-text.ts";
import { maskedValue } from "../../../src/client/context/mask-value.ts";

const hide = { showSecrets: false };

void t.test("values of names that mean a secret are masked, and others are not", async (t) => {
  const secret = [
    "PASSWORD",
    "DB_PASSWORD",
    "db.password",
    "API_KEY",
    "GITHUB_TOKEN",
    "SECRET",
    "AWS_SECRET_ACCESS_KEY",
  ];
  const more = [
    "PGPASSWORD",
    "SESSION_SALT",
    "SENTRY_DSN",
    "BASIC_AUTH",
    "accessToken",
    "DB_PASS",
    "SSH_PRIVATE_KEY",
  ];
  for (const name of [...secret, ...more]) t.match(maskedValue(name, "hunter2", hide), /^\(masked/, name);
  for (const name of ["PATH", "PWD", "MONKEY", "KEYBOARD", "AUTHOR", "COMPASS", "PATTERN", "PORT"])
    t.equal(maskedValue(name, "shown", hide), "shown", name);
  t.equal(maskedValue("DB_PASSWORD", "", hide), "", "that it is empty is no secret");
  t.equal(maskedValue("DB_PASSWORD", "hunter2", { showSecrets: true }), "hunter2");
});

void t.test("a URL is shown without its password", async (t) => {
  const url = "redis://app:hunter2@cache:6379/0,redis://:hunter2@b";
  t.equal(maskedValue("CACHE", url, hide), "redis://app:(masked)@cache:6379/0,redis://:(masked)@b");
  t.equal(maskedValue("CACHE", url, { showSecrets: true }), url);
});

void t.test("a value is one line that is not too long", async (t) => {
  t.equal(maskedValue("A", "a\n\u001B[2J", hide), "a��[2J");
  t.equal(maskedValue("A", "\xFF\xFE", hide), "(2 bytes that are no UTF-8)");
  t.equal(maskedValue("A", toByteText("é".repeat(300)), hide), `${"é".repeat(200)}… (600 bytes)`);
});
