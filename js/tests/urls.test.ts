import { describe, expect, it } from "vitest";
import { isLocal, isSafe } from "../src/urls";

const LOCAL = [
  "http://localhost",
  "http://localhost:8888/lab",
  "http://127.0.0.1:1",
  "http://[::1]:3",
];
const REMOTE = [
  "http://localhost.evil.example",
  "http://127.0.0.1.evil.example",
  "http://10.0.0.1",
];

describe("an address on this machine", () => {
  it.each(LOCAL)("is %s", (address) => expect(isLocal(address)).toBe(true));
  it.each([...REMOTE, "http://LOCALHOST@evil.example", "localhost", ""])("is not %j", (address) =>
    expect(isLocal(address)).toBe(false),
  );
});

describe("an address that the card opens", () => {
  it.each(["https://acme.eu.auth0.com/authorize?a=b", ...LOCAL])("may be %s", (address) =>
    expect(isSafe(address)).toBe(true),
  );
  it.each([
    ...REMOTE,
    "javascript:alert(1)//https://acme.eu.auth0.com",
    "data:text/html,x",
    "ftp://localhost/",
    "//acme.eu.auth0.com",
    "/authorize",
    "",
  ])("may not be %j", (address) => expect(isSafe(address)).toBe(false));
});
