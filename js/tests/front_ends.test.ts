import { expect, it } from "vitest";
import { isVsCode } from "../src/front_ends";

it.each(["vscode-webview://1n0h8l7", "https://1n0h8l7.vscode-cdn.net"])(
  "%s is the origin of a page in VS Code",
  (origin) => expect(isVsCode(origin)).toBe(true),
);

it.each([
  "http://localhost:8888",
  "https://vscode-cdn.net",
  "https://vscode-cdn.net.evil.example",
  "https://a/b.vscode-cdn.net",
  "http://1n0h8l7.vscode-cdn.net",
  "x-vscode-webview://1n0h8l7",
])("%s is not", (origin) => expect(isVsCode(origin)).toBe(false));
