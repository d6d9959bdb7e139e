import { beforeEach, expect, it, vi } from "vitest";
import { pageId } from "../src/identity";

beforeEach(() => sessionStorage.clear());

it("is random and long enough not to be guessed", () => {
  const first = pageId();
  sessionStorage.clear();
  expect(first).toMatch(/^p-[0-9a-f]{32}$/);
  expect(pageId()).not.toBe(first);
});

it("stays the same after a refresh", () => {
  const first = pageId();
  expect(sessionStorage.getItem("auth0-widget:page")).toBe(first);
  expect(pageId()).toBe(first);
});

it("is made anew when what is kept is not one of ours", () => {
  sessionStorage.setItem("auth0-widget:page", "p-<script>");
  expect(pageId()).toMatch(/^p-[0-9a-f]{32}$/);
});

it("works where storage is denied", () => {
  vi.spyOn(window, "sessionStorage", "get").mockImplementation(() => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  });
  expect(pageId()).toMatch(/^p-[0-9a-f]{32}$/);
});
