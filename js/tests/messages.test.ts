/** The messages, as they are parsed (src/parsing.ts). */

import { describe, expect, it } from "vitest";
import contract from "../../tests/fixtures/messages.json";
import type { ToKernel } from "../src/messages";
import { parseToPage } from "../src/parsing";
import { ADA, ready, state } from "./kernel";

const page = "p-1234567890abcdef";
const browser = {
  origin: "http://localhost:8888",
  window: true,
  message: true,
  link: true,
  storage: true,
};

describe("what the kernel sends", () => {
  it.each(contract.to_page.valid.map((message) => [JSON.stringify(message), message]))(
    "accepts %s",
    (_, message) => expect(parseToPage(message)).toEqual(message),
  );

  it.each(
    (contract.to_page.invalid as unknown[]).map((message) => [JSON.stringify(message), message]),
  )("drops %s", (_, message) => expect(parseToPage(message)).toBeNull());

  it("may be null where the contract has an example of it, and nowhere else", () => {
    const nullable = new Set<string>();
    const fields = new Map<string, unknown>();
    const collect = (part: string, value: object) => {
      for (const [name, field] of Object.entries(value)) {
        if (field === null) nullable.add(`${part}.${name}`);
        if (["card", "problem", "device"].includes(name) && field) collect(name, field);
      }
    };
    for (const message of contract.to_page.valid) collect(message.type, message);
    for (const message of contract.to_page.valid as Record<string, unknown>[]) {
      for (const part of [null, "card", "problem", "device"]) {
        const value = part === null ? message : message[part];
        if (!value) continue;
        for (const name of Object.keys(value)) {
          const field = `${part ?? message["type"]}.${name}`;
          const changed = { ...value, [name]: null };
          const taken = parseToPage(part === null ? changed : { ...message, [part]: changed });
          fields.set(field, taken !== null);
        }
      }
    }
    expect([...fields].filter(([, taken]) => taken).map(([field]) => field)).toEqual(
      [...fields.keys()].filter((field) => nullable.has(field)),
    );
    expect(fields.size).toBeGreaterThan(30);
  });

  it.each([
    `blob:https://acme.eu.auth0.com/5a1f`,
    `data:text/html,<script>alert(1)</script>`,
    `https://acme.eu.auth0.com@evil.example/authorize`,
    `https://acme.eu.auth0.com.evil.example/authorize`,
    `https://acme.eu.auth0.com:8443/authorize`,
    `http://acme.eu.auth0.com/authorize`,
    `//acme.eu.auth0.com/authorize`,
    `authorize`,
    `https://acme.eu.auth0.com/v2/logout`,
    ``,
  ])("drops an authorize URL that is not on the tenant: %s", (authorize_url) => {
    expect(parseToPage(ready({ authorize_url }))).toBeNull();
    expect(parseToPage(ready({ link_url: authorize_url }))).toBeNull();
  });

  it("drops a URL without an origin even when the tenant has none either", () => {
    const authorize_url = "javascript:alert(1)";
    expect(parseToPage(ready({ tenant: "null", authorize_url }))).toBeNull();
  });

  it("takes a tenant on loopback, as in the demo", () => {
    const message = ready({
      tenant: "http://127.0.0.1:9999",
      authorize_url: "http://127.0.0.1:9999/authorize",
      logout_url: "http://127.0.0.1:9999/v2/logout?client_id=x",
    });
    expect(parseToPage(message)).toEqual(message);
  });

  it.each([
    ["a/b"],
    ["short"],
    [7],
    "mC8cJ5ajQ0qdpBf1hOo3Vw",
    null,
    Array(501).fill("x".repeat(22)),
  ])("drops channels that no kernel names: %j", (channels) =>
    expect(parseToPage({ ...state(), channels })).toBeNull(),
  );

  it.each(["a/b", "short", 7, ["mC8cJ5ajQ0qdpBf1hOo3Vw"]])(
    "drops a window that no kernel names: %j",
    (window) => expect(parseToPage({ ...state(), window })).toBeNull(),
  );

  it("drops a storage key that is not ours", () => {
    expect(parseToPage(ready({ key: "jupyter:token" }))).toBeNull();
  });

  it.each([-1, 8.65e12, Number.NaN, Number.POSITIVE_INFINITY, "1893456000"])(
    "drops a time no clock can show: %s",
    (time) => {
      const card = { ...ADA, id_token_expires_at: time as number };
      expect(parseToPage(state({ card }))).toBeNull();
    },
  );

  it.each(Object.keys(ADA))("drops a card whose %s is missing", (field) => {
    const { [field]: _, ...card } = ADA as unknown as Record<string, unknown>;
    expect(parseToPage({ ...state(), card })).toBeNull();
  });

  it("drops a card whose profile is a list", () => {
    expect(parseToPage({ ...state(), card: { ...ADA, profile: [] } })).toBeNull();
  });

  it("leaves out fields it does not know", () => {
    expect(parseToPage({ ...state(), extra: 1 })).toEqual(state());
  });
});

describe("what the page sends", () => {
  // Typed as the union, so the compiler says when the union no longer holds what the contract has.
  const sendable: readonly ToKernel[] = [
    { type: "load", page },
    { type: "hello", page, ...browser, callback_page: null },
    { type: "hello", page, ...browser, origin: "http://jupyter_lab:8888", callback_page: null },
    {
      type: "hello",
      page,
      ...browser,
      origin: null,
      window: false,
      message: false,
      callback_page: null,
    },
    {
      ...{ type: "hello", page, ...browser, origin: null, window: false, message: false },
      ...{ link: false, storage: false, callback_page: null },
    },
    {
      type: "hello",
      page,
      ...browser,
      callback_page: "http://localhost:8888/user/ada/auth0-widget/callback",
    },
    { type: "stored_record", page, record: null },
    { type: "stored_record", page, record: '{"version":1}' },
    { type: "login_started", page, way: "window" },
    { type: "login_started", page, way: "link" },
    { type: "authorization_response", page, response: { code: "c", state: "s" } },
    {
      type: "authorization_response",
      page,
      response: { code: "c", state: "s", iss: "https://acme.eu.auth0.com/" },
    },
    {
      type: "authorization_response",
      page,
      response: {
        error: "access_denied",
        error_description: "User did not authorize the request",
        state: "s",
      },
    },
    { type: "window_blocked", page },
    { type: "window_closed", page },
    { type: "cancel_login", page },
    { type: "use_callback_page", page },
    { type: "use_code", page },
    { type: "log_out", page },
    { type: "store_result", page, ok: true, reason: null },
    { type: "store_result", page, ok: false, reason: "denied" },
    { type: "store_result", page, ok: false, reason: "full" },
  ];

  it("is what the contract has the kernel accept, all of it", () => {
    expect(sendable).toEqual(contract.to_kernel.valid);
  });
});
