/** The card, with the ways to log in (src/ways.ts). */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mountCard } from "../src/card";
import type { Page, Snapshot } from "../src/page";
import { ADA, BLOCKED, CLOSED, CODE, snapshot as snapshotOf } from "./kernel";

let snapshot: Snapshot;
let redraw: () => void;
let host: HTMLElement;
let view: AbortController;
const act = {
  openWindow: vi.fn(),
  followLink: vi.fn(),
  logout: vi.fn(),
  cancel: vi.fn(),
  showPopup: vi.fn(),
  useCode: vi.fn(),
  useCallbackPage: vi.fn(),
};
const page: Page = {
  ...act,
  snapshot: () => snapshot,
  subscribe: (changed) => {
    redraw = changed;
  },
  receive: () => {},
  sayHello: () => {},
  checkKernel: () => {},
};

function show(...situation: Parameters<typeof snapshotOf>): void {
  snapshot = snapshotOf(...situation);
  redraw?.();
}

const root = () => host.querySelector<HTMLElement>(".auth0-widget");
const visible = (element: Element | null | undefined) =>
  !!element && !element.closest("[hidden], details:not([open]) > :not(summary)");

function button(name: string): HTMLButtonElement | undefined {
  return [...host.querySelectorAll("button")].find((each) => each.textContent === name);
}

function buttons(): string[] {
  return [...host.querySelectorAll("button")].filter(visible).map((each) => each.textContent ?? "");
}

/** What a person sees: the text of everything that is not hidden. */
function seen(): string {
  const copy = root()?.cloneNode(true) as HTMLElement;
  for (const hidden of copy.querySelectorAll("[hidden]")) hidden.remove();
  return copy.textContent ?? "";
}

beforeEach(() => {
  for (const mock of Object.values(act)) mock.mockReset();
  host = document.createElement("div");
  document.body.append(host);
  view = new AbortController();
  show({});
  mountCard(host, page, view.signal);
});

afterEach(() => host.remove());

describe("the states", () => {
  it("is a named group of real buttons", () => {
    expect(root()?.getAttribute("role")).toBe("group");
    expect(root()?.getAttribute("aria-label")).toBe("Auth0 login");
    for (const each of host.querySelectorAll("button")) expect(each.type).toBe("button");
  });

  it("logged out: a message and Log in", () => {
    expect(seen()).toContain("You are not logged in.");
    expect(buttons()).toEqual(["Log in"]);
  });

  it("logging in: what to do, Show window and Cancel", () => {
    show({ status: "logging_in" }, { popup: "open" });
    expect(host.querySelector("[role=status]")?.textContent).toContain("Finish the login");
    expect(buttons()).toEqual(["Show window", "Cancel"]);
  });

  it("kernelSilent: what to do and no button", () => {
    show(null, { pending: "hello", kernelSilent: true, canLogin: false });
    expect(seen()).toBe("Not connected to a kernel. Run this cell to log in.");
    expect(buttons()).toEqual([]);
  });

  it("logged in: who, until when, the profile folded away, and Log out", () => {
    show({ status: "authenticated", card: ADA });
    for (const text of ["Ada Lovelace", "ada", "ada@example.com", "API access until ", "2030"]) {
      expect(seen()).toContain(text);
    }
    expect(host.querySelector("details")?.open).toBe(false);
    const summaries = [...host.querySelectorAll("summary")].filter(visible);
    expect(summaries.map((each) => each.textContent)).toEqual([
      "Scopes and audience",
      "Full profile",
    ]);
    expect(seen()).toContain("Scopes: openid profile email");
    expect(seen()).toContain("Audience: none");
    expect(JSON.parse(host.querySelector("pre")?.textContent ?? "")).toEqual(ADA.profile);
    expect(buttons()).toEqual(["Log out"]);
  });

  it("logged in: both ends count down, and neither is announced", () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    const view = new AbortController();
    mountCard(host, page, view.signal);
    const card = {
      ...ADA,
      access_token_expires_at: 1_800_000_090,
      id_token_expires_at: 1_800_000_002,
    };
    show({ status: "authenticated", card });
    const last = [...host.querySelectorAll<HTMLElement>(".auth0-widget")].at(-1);
    expect(last?.textContent).toMatch(/API access until .*\(1\s+min\s+30\s+s left\), then log in/);
    expect(last?.textContent).toMatch(/ID token until .*\(2\s+s left\)/);
    vi.advanceTimersByTime(3000);
    expect(last?.textContent).toMatch(/\(1\s+min\s+27\s+s left\)/);
    expect(last?.textContent).toMatch(/ID token ended at /);
    for (const region of host.querySelectorAll("[role=status], [role=alert], [aria-live]")) {
      expect(region.textContent).not.toMatch(/left|ended at/);
    }
    view.abort();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("expired: who it was, no ends and nothing folded away, and Log in again", () => {
    show({ status: "authenticated", card: ADA });
    show({ status: "expired", card: ADA });
    expect(seen()).toContain("Ada Lovelace");
    expect(seen()).toContain("Your session has ended.");
    expect(seen()).not.toMatch(/API access|ID token|Full profile/);
    expect(host.querySelector("pre")?.textContent).toBe("");
    expect(buttons()).toEqual(["Log in again"]);
    show({});
    expect(buttons()).toEqual(["Log in"]);
  });

  it("logged in: without what the tenant did not say, and nothing twice", () => {
    const card = { ...ADA, name: null, nickname: null, id_token_expires_at: null };
    show({ status: "authenticated", card });
    expect(seen().match(/ada@example\.com/g)).toHaveLength(1);
    expect(seen()).not.toMatch(/ID token/);
    expect(seen()).not.toContain("null");
  });

  it("error: an alert with the sentence, the next step and the code", () => {
    show({ status: "error", problem: BLOCKED });
    const alert = host.querySelector("[role=alert]");
    expect(visible(alert)).toBe(true);
    expect(alert?.textContent).toBe(`${BLOCKED.message}${BLOCKED.next_step}${BLOCKED.code}`);
    show({});
    expect(visible(alert)).toBe(false);
    expect(alert?.textContent).toBe("");
  });

  it("error: Log in, and the other way in beside it", () => {
    show({ status: "error", problem: BLOCKED });
    expect(buttons()).toEqual(["Log in", "Use a code instead"]);
  });

  it("a code: why, where to go, what to type, until when, and Cancel", () => {
    show({ status: "logging_in", device: CODE });
    expect(host.querySelector("[role=status]")?.textContent).toContain(CODE.reason);
    expect(seen()).toContain(
      `Open ${CODE.verification_uri} in any browser and enter this code:${CODE.user_code}`,
    );
    expect(seen()).toContain("Valid until ");
    expect(buttons()).toEqual(["Copy", "Cancel"]);
  });

  it("after a logout nothing personal is left in the page, hidden or not", () => {
    show({ status: "authenticated", card: ADA });
    show({});
    expect(host.innerHTML).not.toMatch(/ada/i);
    expect(host.innerHTML).not.toMatch(/AL|API access|ID token/);
  });
});

describe("the buttons", () => {
  it.each([
    ["Log in", "openWindow", {}, {}],
    ["Log out", "logout", { status: "authenticated", card: ADA }, {}],
    ["Cancel", "cancel", {}, { popup: "open" }],
    ["Cancel", "cancel", { status: "logging_in" }, {}],
    ["Cancel", "cancel", { status: "logging_in", device: CODE }, {}],
    ["Use a code instead", "useCode", { status: "error", problem: BLOCKED }, {}],
    [
      "Use the callback page",
      "useCallbackPage",
      { status: "logging_in", problem: CLOSED },
      { callbackPage: true },
    ],
    ["Use a code instead", "useCode", { status: "logging_in", problem: CLOSED }, {}],
    ["Cancel", "cancel", { status: "logging_in" }, { pending: "response" }],
    ["Log in", "openWindow", { status: "authenticated", card: ADA, waiting: true }, {}],
    ["Log in again", "openWindow", { status: "expired", card: ADA }, {}],
    ["Show window", "showPopup", {}, { popup: "open" }],
    ["Log in", "useCode", {}, { way: "code" }],
    ["Log in", "useCode", {}, { way: "unattended" }],
  ] as const)("%s does what it says", (name, action, kernel, change) => {
    show(kernel, change);
    button(name)?.click();
    for (const [each, mock] of Object.entries(act)) {
      expect(mock).toHaveBeenCalledTimes(each === action ? 1 : 0);
    }
  });

  const LINK = "https://acme.eu.auth0.com/authorize?state=2";
  const links = () => [...host.querySelectorAll("a")].filter(visible).map((a) => a.textContent);

  it("Log in is a real link where the kernel says so, and a code is offered beside it", () => {
    show({}, { way: "link", linkUrl: LINK, hasWindow: false, why: "No window opens here." });
    expect(links()).toEqual(["Log in"]);
    expect(buttons()).toEqual(["Use a code instead"]);
    expect(seen()).toContain("No window opens here.");
    const link = [...host.querySelectorAll("a")].find(visible);
    expect([link?.href, link?.target, link?.rel]).toEqual([LINK, "_blank", "noreferrer"]);
    link?.addEventListener("click", (event) => event.preventDefault());
    link?.click();
    expect(act.followLink).toHaveBeenCalledOnce();
    show({ status: "logging_in" }, { linkFollowed: true, linkUrl: `${LINK}3` });
    expect(seen()).toContain("Finish the login in your browser");
    expect(link?.href).toBe(`${LINK}3`);
    expect(buttons()).toEqual(["Use a code instead", "Cancel"]);
    show({}, { way: "link", linkUrl: null, canLogin: false });
    expect(links()).toEqual([]);
    expect(link?.hasAttribute("href")).toBe(false);
  });

  it("the other ways are folded away, and each does what it says", () => {
    const fold = () => host.querySelector("details.a0w-fold") as HTMLDetailsElement;
    show({}, { linkUrl: LINK });
    expect(fold().hidden).toBe(false);
    expect(buttons()).toEqual(["Log in"]);
    fold().open = true;
    expect(links()).toEqual(["Use a link instead"]);
    expect(buttons()).toEqual(["Log in", "Use a code instead"]);
    [...host.querySelectorAll("button")].filter(visible)[1]?.click();
    expect(act.useCode).toHaveBeenCalledOnce();
    show({}, { way: "code" });
    expect(buttons()).toEqual(["Log in", "Use a window instead"]);
    button("Use a window instead")?.click();
    expect(act.openWindow).toHaveBeenCalledOnce();
    show({ status: "authenticated", card: ADA });
    expect(fold().hidden).toBe(true);
  });

  it("nothing is offered beside a login that needs no person", () => {
    show({}, { way: "unattended", hasWindow: false });
    expect(buttons()).toEqual(["Log in"]);
    expect((host.querySelector("details.a0w-fold") as HTMLDetailsElement).hidden).toBe(true);
    show({ status: "error", problem: CLOSED }, { way: "unattended", hasWindow: false });
    expect(buttons()).not.toContain("Use a code instead");
    show({}, { way: "unattended", hasWindow: false, pending: "code" });
    expect(seen()).toContain("Logging in…");
    expect(seen()).not.toContain("a code");
  });

  it("do nothing while busy, and say so", () => {
    show({}, { pending: "response" });
    expect(button("Log in")?.getAttribute("aria-disabled")).toBe("true");
    expect(button("Log in")?.getAttribute("aria-busy")).toBe("true");
    button("Log in")?.click();
    expect(act.openWindow).not.toHaveBeenCalled();
    show({});
    button("Log in")?.click();
    expect(act.openWindow).toHaveBeenCalledOnce();
  });
});

describe("somebody without a name", () => {
  it("has a nickname, or an e-mail address, or at least a subject", () => {
    const nobody = { ...ADA, name: null, nickname: null, email: null };
    show({ status: "authenticated", card: nobody });
    expect(host.querySelector(".a0w-name")?.textContent).toBe("auth0|ada");
    expect(host.querySelector(".a0w-portrait")?.textContent).toBe("A");
    show({ status: "authenticated", card: { ...nobody, nickname: "", email: "a@example.com" } });
    expect(host.querySelector(".a0w-name")?.textContent).toBe("a@example.com");
    expect(seen().match(/a@example\.com/g)).toHaveLength(1);
  });
});

describe("hostile strings", () => {
  it("show what would turn them around, and are isolated from the rest", () => {
    const name = "Ada \u202Egnp.exe";
    show({ status: "authenticated", card: { ...ADA, name, profile: { file: name } } });
    expect(host.querySelector(".a0w-name")?.textContent).toBe("Ada [U+202E]gnp.exe");
    expect(host.querySelector<HTMLElement>(".a0w-name")?.dir).toBe("auto");
    expect(host.querySelector("pre")?.textContent).toContain("Ada [U+202E]gnp.exe");
  });

  it("are text in every field", () => {
    const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const card = { ...ADA, name: evil, nickname: `${evil}2`, email: `${evil}3`, picture: evil };
    show({
      status: "authenticated",
      card: { ...card, profile: { [evil]: evil } },
      problem: { code: evil, message: evil, next_step: evil },
    });
    expect(host.querySelector("img, script")).toBeNull();
    expect(seen()).toContain(evil);
    expect(JSON.parse(host.querySelector("pre")?.textContent ?? "")).toEqual({ [evil]: evil });
  });
});

describe("focus", () => {
  it("follows the story by keyboard: Log in, the window, the check, Log out", () => {
    button("Log in")?.focus();
    show({ status: "logging_in" }, { popup: "open" });
    expect(document.activeElement).toBe(button("Show window"));
    show({ status: "logging_in" }, { pending: "response" });
    expect(document.activeElement).toBe(button("Log in"));
    show({ status: "authenticated", card: ADA });
    expect(document.activeElement).toBe(button("Log out"));
    show({}, {});
    expect(document.activeElement).toBe(button("Log in"));
  });

  it("goes from the other way in to where the code is typed", () => {
    show({ status: "error", problem: BLOCKED });
    button("Use a code instead")?.focus();
    show({ status: "error", problem: BLOCKED }, { pending: "code" });
    expect(document.activeElement).toBe(button("Use a code instead"));
    show({ status: "logging_in", device: CODE });
    expect(document.activeElement).toBe(host.querySelector("a"));
    show({ status: "authenticated", card: ADA });
    expect(document.activeElement).toBe(button("Log out"));
  });

  it("stays in the card when it has no button for the moment", () => {
    button("Log in")?.focus();
    show(null, { pending: "hello", kernelSilent: true });
    expect(document.activeElement).toBe(root());
  });

  it("is not taken from elsewhere", () => {
    const cell = document.createElement("textarea");
    document.body.append(cell);
    cell.focus();
    show({ status: "authenticated", card: ADA });
    expect(document.activeElement).toBe(cell);
    // Not even when what had it is hidden: that is for whoever hid it to mend.
    cell.hidden = true;
    show({});
    expect(document.activeElement).toBe(cell);
    cell.remove();
  });

  it("stays where it is when a redraw changes nothing about it", () => {
    show({ status: "authenticated", card: ADA });
    const pre = host.querySelector("pre");
    pre?.focus();
    show({ status: "authenticated", card: { ...ADA, name: "Ada King" } });
    expect(document.activeElement).toBe(pre);
  });

  it("goes to a clicked button even where browsers do not put it there", () => {
    button("Log in")?.click();
    expect(document.activeElement).toBe(button("Log in"));
  });
});

describe("redrawing", () => {
  it("keeps the profile unfolded and its elements the same", () => {
    show({ status: "authenticated", card: ADA });
    const details = host.querySelector("details");
    if (details) details.open = true;
    show({ status: "authenticated", card: { ...ADA, name: "Ada King" } });
    expect(host.querySelector("details")).toBe(details);
    expect(details?.open).toBe(true);
  });

  it("does not touch a status that has not changed, so it is not announced again", async () => {
    const records: MutationRecord[] = [];
    const observer = new MutationObserver((seen) => records.push(...seen));
    const status = host.querySelector("[role=status]");
    if (status) observer.observe(status, { childList: true, characterData: true, subtree: true });
    show({});
    await Promise.resolve();
    expect(records.concat(observer.takeRecords())).toEqual([]);
    observer.disconnect();
  });
});

it("leaves nothing in the page when its view ends", () => {
  const gone = button("Log in");
  view.abort();
  expect(host.childElementCount).toBe(0);
  gone?.click();
  expect(act.openWindow).not.toHaveBeenCalled();
});
