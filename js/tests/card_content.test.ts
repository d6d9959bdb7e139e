import { describe, expect, it } from "vitest";
import { cardContent } from "../src/card_content";
import { ADA, BLOCKED, CLOSED, CODE, snapshot } from "./kernel";

const NO_KERNEL = "Not connected to a kernel. Run this cell to log in.";
const NO_REPLY = "Waiting for the kernel. If it is not busy, run this cell again.";

function content(...situation: Parameters<typeof snapshot>) {
  return cardContent(snapshot(...situation));
}

describe("before the kernel has spoken", () => {
  it("offers nothing", () => {
    expect(content(null, { pending: "hello", canLogin: false })).toMatchObject({
      status: "Connecting to the kernel…",
      login: "hidden",
      logout: "hidden",
    });
  });

  it("says that the tenant is asked about what the browser has stored", () => {
    const change = { pending: "record", waitingForTenant: true } as const;
    expect(content(null, change).status).toBe("Asking the tenant about the stored session…");
  });

  it("says that it waits for the server, where the login is the server's", () => {
    const change = { pending: "hello", canLogin: false, peer: "server" } as const;
    expect(content(null, change).status).toBe("Connecting to the Jupyter Server…");
    expect(content(null, { ...change, kernelSilent: true }).status).toBe(
      "Not connected to the Jupyter Server.",
    );
  });

  it("says what to do when it stays silent, with no dead button", () => {
    expect(content(null, { pending: "hello", kernelSilent: true, canLogin: false })).toMatchObject({
      status: NO_KERNEL,
      login: "hidden",
      logout: "hidden",
    });
  });
});

describe("without a session", () => {
  it("offers Log in", () => {
    expect(content({})).toMatchObject({ status: "You are not logged in.", login: "ready" });
  });

  it("says that a cell is waiting", () => {
    expect(content({ waiting: true }).status).toBe(
      "You are not logged in. A cell is waiting for you to log in.",
    );
  });

  it("keeps Log in busy until a new URL is here, and drops it when none comes", () => {
    const change = { pending: "hello", canLogin: false } as const;
    expect(content({}, change).login).toBe("busy");
    expect(content({ problem: BLOCKED }, { ...change, kernelSilent: true })).toMatchObject({
      status: NO_REPLY,
      login: "hidden",
      problem: null,
    });
  });

  it("says that the session has ended, and whose it was", () => {
    expect(content({ status: "expired", card: ADA })).toMatchObject({
      status: "Your session has ended.",
      login: "ready",
      loginAgain: true,
      logout: "hidden",
      card: ADA,
      usable: false,
    });
    expect(content({ status: "expired", waiting: true })).toMatchObject({
      status: "Your session has ended. A cell is waiting for you to log in.",
      loginAgain: true,
      card: null,
    });
  });

  it("shows what went wrong and lets try again", () => {
    expect(content({ status: "error", problem: BLOCKED })).toMatchObject({
      problem: BLOCKED,
      login: "ready",
    });
  });

  it("offers the other way in where a login has failed, and nowhere else", () => {
    expect(content({ status: "error", problem: BLOCKED }).code).toBe("ready");
    for (const status of ["logged_out", "logging_in", "authenticated", "expired"] as const) {
      expect(content({ status }).code).toBe("hidden");
    }
  });

  it.each([
    ["another_page", {}, "A login was begun in another window."],
    ["kernel", {}, "The output of a cell says how to log in."],
    ["this_page", { popup: "in_page" }, "Finish the login in the window that has opened."],
    [
      "this_page",
      {},
      "The login window that this page had opened before no longer counts. Log in again.",
    ],
    [
      "this_page",
      { viaCallbackPage: true },
      "A login window of this page may still be open. Finish the login there, or log in again.",
    ],
    [
      "this_page",
      { popup: "in_page_closed" },
      "A login window of this page may still be open. Finish the login there, or log in again.",
    ],
  ] as const)(
    "leaves no dead end where a login is under way: by %s, %j",
    (started_by, change, status) => {
      expect(content({ status: "logging_in", started_by }, change)).toMatchObject({
        status,
        login: "ready",
        cancel: true,
        popup: false,
      });
    },
  );

  it.each(["logging_in", "authenticated"] as const)(
    "names a window that reads closed, and every way on (%s)",
    (status) => {
      const kernel = { status, card: ADA, waiting: true, problem: CLOSED };
      expect(content(kernel, { popup: "closed", callbackPage: true })).toMatchObject({
        problem: CLOSED,
        login: "ready",
        callbackPage: "ready",
        code: "ready",
        cancel: true,
      });
      expect(content(kernel, { popup: "closed" }).callbackPage).toBe("hidden");
    },
  );

  it("lets a cell that waits after a failure be cancelled", () => {
    expect(content({ status: "error", waiting: true, problem: BLOCKED }).cancel).toBe(true);
    expect(content({ status: "error", problem: BLOCKED }).cancel).toBe(false);
  });

  it("says that the tenant's own session goes on when its window was blocked", () => {
    expect(content({}, { tenantLogoutBlocked: true }).note).toContain(
      "The browser blocked the window",
    );
  });
});

describe("while logging in", () => {
  it("says what to do, and hides an older problem", () => {
    expect(content({ status: "logging_in", problem: BLOCKED }, { popup: "open" })).toMatchObject({
      status: "Finish the login in the window that has opened.",
      popup: true,
      cancel: true,
      login: "hidden",
      problem: null,
    });
  });

  it("says where to go on when a link was followed, and offers another and a code", () => {
    const change = { linkFollowed: true, way: "link", linkUrl: "http://127.0.0.1/x" } as const;
    expect(content({ status: "logging_in", started_by: "this_page" }, change)).toMatchObject({
      status:
        "Finish the login in your browser, on this computer. " +
        "It may ask you to confirm that it is you who logs in here.",
      link: true,
      code: "ready",
      cancel: true,
    });
  });

  it("says that a page on this machine may have to be confirmed", () => {
    expect(content({ status: "logging_in" }, { popup: "open", local: true }).status).toBe(
      "Finish the login in the window that has opened. " +
        "It may ask you to confirm that it is you who logs in here.",
    );
  });

  it("says so when the kernel has not taken note of the window: it may be busy, or gone", () => {
    const change = { popup: "open", pending: "window", kernelSilent: true } as const;
    expect(content({}, change)).toMatchObject({
      status: `Finish the login in the window that has opened. ${NO_REPLY}`,
      popup: true,
      cancel: true,
    });
  });

  it("announces nothing between the end of the window and the kernel's word on it", () => {
    expect(content({ status: "logging_in" }, { pending: "window" })).toMatchObject({
      status: "",
      login: "busy",
      cancel: false,
    });
  });

  it("says that the tenant is asked, and lets cancel", () => {
    const change = { pending: "response", canLogin: false } as const;
    expect(content({ status: "logging_in" }, change)).toMatchObject({
      status: "Asking the tenant about this login…",
      login: "busy",
      cancel: true,
    });
    expect(content({ status: "logging_in" }, { ...change, kernelSilent: true })).toMatchObject({
      status: NO_REPLY,
      login: "hidden",
    });
  });
});

describe("while logging in with a code", () => {
  it("says that the code is on its way", () => {
    const situation = content({ status: "error", problem: BLOCKED }, { pending: "code" });
    expect(situation).toMatchObject({
      status: "Asking the tenant for a code…",
      cancel: true,
      problem: null,
      code: "busy",
      login: "hidden",
    });
  });

  it("shows the code, why there is one, and Cancel", () => {
    expect(content({ status: "logging_in", device: CODE })).toMatchObject({
      status: "The browser blocked the login window. Log in with a code instead.",
      urgent: true,
      device: CODE,
      login: "hidden",
      code: "hidden",
      cancel: true,
    });
    expect(content({ status: "logging_in", device: { ...CODE, reason: null } }).status).toBe(
      "Log in with a code instead.",
    );
  });

  it("shows no code of a kernel that is gone", () => {
    const gone = content({ device: CODE }, { pending: "hello", kernelSilent: true });
    expect(gone).toMatchObject({ status: NO_REPLY, device: null });
  });
});

describe("with a session", () => {
  it("shows the card and offers Log out only", () => {
    expect(content({ status: "authenticated", card: ADA })).toMatchObject({
      status: "You are logged in.",
      card: ADA,
      usable: true,
      urgent: false,
      login: "hidden",
      logout: "ready",
      note: "",
    });
  });

  it("says that a cell needs one that lasts longer, and offers both", () => {
    expect(content({ status: "authenticated", card: ADA, waiting: true })).toMatchObject({
      status: "You are logged in. A cell asks for more than that: log in once more.",
      urgent: true,
      card: ADA,
      usable: true,
      login: "ready",
      logout: "ready",
    });
  });

  it("offers both when another page opened it", () => {
    expect(content({ status: "authenticated", card: null })).toMatchObject({
      status: "A session is active in this kernel. It was not opened in this page.",
      card: null,
      login: "ready",
      logout: "ready",
    });
  });

  it("does not say that it was opened in no notebook of the page, which the top bar cannot know", () => {
    expect(content({ status: "authenticated", card: null }, { peer: "server" }).status).toBe(
      "A session is active in this server. It was not opened in this top bar.",
    );
  });

  it.each([
    ["denied", "it blocks storage for this page"],
    ["full", "its storage is full"],
  ] as const)("says that it could not be stored: %s", (storageFailure, why) => {
    expect(content({ status: "authenticated", card: ADA }, { storageFailure }).note).toBe(
      `This browser could not store the login: ${why}. Other pages and kernels will ask you to log in again.`,
    );
    expect(content({}, { storageFailure }).note).toBe("");
  });

  it("says whose server it is, where that seems to be somebody else", () => {
    const card = { ...ADA, server_of: "gra\u202ece" };
    expect(content({ status: "authenticated", card }).note).toBe(
      "This is the Jupyter server of gra[U+202E]ce: is it you who is logged in?",
    );
  });

  it("is busy while logging out", () => {
    const change = { pending: "logout" } as const;
    expect(content({ status: "authenticated", card: ADA }, change)).toMatchObject({
      status: "Logging out…",
      card: ADA,
      logout: "busy",
    });
    expect(
      content({ status: "authenticated", card: ADA }, { ...change, kernelSilent: true }),
    ).toMatchObject({
      status: NO_REPLY,
      card: ADA,
      logout: "hidden",
    });
  });
});
