import { expect, it } from "vitest";
import { parseResponse } from "../src/response";

const type = "authorization_response";

it("takes the parameters of the specifications, and no others", () => {
  const said = { code: "c", state: "s", iss: "i", error: "e", error_description: "d" };
  expect(parseResponse({ type, response: { ...said, access_token: "t" } })).toEqual(said);
  expect(parseResponse({ type, response: { error: "e", code: null } })).toEqual({ error: "e" });
});

it("cuts what is longer than any real one", () => {
  expect(parseResponse({ type, response: { code: "c".repeat(5000) } })?.code).toHaveLength(4096);
});

it.each([
  null,
  undefined,
  7,
  {},
  { type },
  { type, response: { state: "s" } },
  { type, response: { code: ["c"] } },
  { type: "log_out", response: { code: "c" } },
])("is null for what is no response: %j", (data) => expect(parseResponse(data)).toBeNull());
