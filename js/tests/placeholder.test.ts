import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CONNECTING, NO_KERNEL } from "../src/card_content";
import { KERNEL_TIMEOUT_MS } from "../src/page";
import { mountPlaceholder } from "../src/placeholder";

let host: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  host = document.createElement("div");
});

afterEach(() => vi.useRealTimers());

const never = new Promise<never>(() => {});

it("says that it is connecting, and after a while that there is no kernel", () => {
  mountPlaceholder(host, never);
  expect(host.querySelector("[role=status]")?.textContent).toBe(CONNECTING);
  vi.advanceTimersByTime(KERNEL_TIMEOUT_MS - 1);
  expect(host.textContent).toBe(CONNECTING);
  vi.advanceTimersByTime(1);
  expect(host.textContent).toBe(NO_KERNEL);
});

it("says why the page cannot draw the card, and nothing of the kernel later", async () => {
  mountPlaceholder(host, Promise.reject(new Error("script-src 'self'")));
  await vi.advanceTimersByTimeAsync(KERNEL_TIMEOUT_MS);
  expect(host.textContent).toBe("This page does not let the card be drawn: script-src 'self'");
});

it("makes room for the card", () => {
  const before = vi.getTimerCount();
  mountPlaceholder(host, never)();
  expect(host.childElementCount).toBe(0);
  expect(vi.getTimerCount()).toBe(before);
});
