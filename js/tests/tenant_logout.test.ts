import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { endTenantSession } from "../src/tenant_logout";
import { TENANT } from "./kernel";

const ORIGIN = "http://localhost:8888";
const URL_BACK = `${TENANT}/v2/logout?client_id=x&returnTo=${encodeURIComponent(ORIGIN)}`;

let life: AbortController;
let opened: { closed: boolean; close: ReturnType<typeof vi.fn>; location: { origin: string } };
let open: ReturnType<typeof vi.spyOn>;

/** A window at the tenant: its location is not ours to read. */
function atTenant(): void {
  Object.defineProperty(opened, "location", {
    configurable: true,
    get: () => {
      throw new DOMException("cross-origin", "SecurityError");
    },
  });
}

function at(origin: string): void {
  Object.defineProperty(opened, "location", { configurable: true, value: { origin } });
}

beforeEach(() => {
  vi.useFakeTimers();
  life = new AbortController();
  opened = { closed: false, close: vi.fn(), location: { origin: "null" } };
  open = vi.spyOn(window, "open").mockReturnValue(opened as unknown as Window);
});

afterEach(() => {
  life.abort();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("the window that ends the tenant's session", () => {
  it("is opened at once, and closed as soon as it is back here", () => {
    expect(endTenantSession(URL_BACK, ORIGIN, life.signal)).toBe(true);
    expect(open.mock.calls[0]?.slice(0, 2)).toEqual([URL_BACK, "_blank"]);
    vi.advanceTimersByTime(400); // about:blank
    atTenant();
    vi.advanceTimersByTime(400);
    expect(opened.close).not.toHaveBeenCalled();
    at(ORIGIN);
    vi.advanceTimersByTime(200);
    expect(opened.close).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is closed after a while when it never comes back", () => {
    endTenantSession(URL_BACK, ORIGIN, life.signal);
    atTenant();
    vi.advanceTimersByTime(14_999);
    expect(opened.close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(201);
    expect(opened.close).toHaveBeenCalledOnce();
  });

  it("is closed with the page, and not waited for when the person closed it", () => {
    endTenantSession(URL_BACK, ORIGIN, life.signal);
    atTenant();
    life.abort();
    expect(opened.close).toHaveBeenCalledOnce();
    endTenantSession(URL_BACK, ORIGIN, new AbortController().signal);
    opened.closed = true;
    vi.advanceTimersByTime(200);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is blocked says so", () => {
    open.mockReturnValue(null);
    expect(endTenantSession(URL_BACK, ORIGIN, life.signal)).toBe(false);
  });

  it.each([
    "https://evil.example",
    `${ORIGIN}.evil.example`,
    `${ORIGIN}/path`,
    "//evil.example",
    "javascript:alert(1)",
    "",
  ])("may lead nowhere but back here: %s", (target) => {
    const url = `${TENANT}/v2/logout?client_id=x&returnTo=${encodeURIComponent(target)}`;
    expect(endTenantSession(url, ORIGIN, life.signal)).toBe(false);
    expect(open).not.toHaveBeenCalled();
  });
});
