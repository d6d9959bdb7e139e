/** The other side for the tests: a kernel that says what it is told to, and notes what it hears. */

import type { Card, Device, Problem, Ready, State, Store, ToKernel } from "../src/messages";
import type { Snapshot } from "../src/page";

export const PAGE = "p-1234567890abcdef";
export const TENANT = "https://acme.eu.auth0.com";
export const KEY = "auth0-widget:abc";

export const ADA: Card = {
  subject: "auth0|ada",
  name: "Ada Lovelace",
  nickname: "ada",
  email: "ada@example.com",
  picture: null,
  profile: { sub: "auth0|ada" },
  scope: "openid profile email",
  audience: null,
  id_token_expires_at: 1893456000,
  access_token_expires_at: 1893456000,
  no_renewal: "restored",
  kept_by: null,
  server_of: null,
  profile_note: null,
};

export const BLOCKED: Problem = {
  code: "popup_blocked",
  message: "The browser blocked the login window.",
  next_step: "Allow pop-ups for this page, then click Log in again.",
};

export const CLOSED: Problem = {
  code: "popup_closed",
  message: "The login window seems to be closed.",
  next_step: "Click Log in to open it again.",
};

export const CODE: Device = {
  user_code: "ABCD-EFGH",
  verification_uri: `${TENANT}/activate`,
  expires_at: 1893456000,
  reason: "The browser blocked the login window.",
  verification_uri_complete: `${TENANT}/activate?user_code=ABCD-EFGH`,
  qr: { size: 21, path: "M0 0h7v1h-7z" },
};

export function ready(change: Partial<Ready> = {}): Ready {
  return {
    type: "ready",
    to: PAGE,
    tenant: TENANT,
    storage: "local",
    key: KEY,
    way: "window",
    why: null,
    callback: "message",
    link_url: null,
    authorize_url: `${TENANT}/authorize?state=1`,
    logout_url: null,
    show: "card",
    ...change,
  };
}

export function state(change: Partial<State> = {}): State {
  return {
    type: "state",
    to: PAGE,
    status: "logged_out",
    started_by: null,
    channels: [],
    window: null,
    waiting: false,
    card: null,
    problem: null,
    device: null,
    ...change,
  };
}

export function store(record: string, to = PAGE): Store {
  return { type: "store", to, record };
}

/** A page's snapshot: connected, nobody logged in, nothing under way. */
export function snapshot(
  kernel: Partial<State> | null,
  change: Partial<Omit<Snapshot, "kernel">> = {},
): Snapshot {
  return {
    kernel: kernel && state(kernel),
    pending: null,
    kernelSilent: false,
    waitingForTenant: false,
    popup: null,
    callbackPage: false,
    viaCallbackPage: false,
    linkFollowed: false,
    canLogin: true,
    way: "window",
    why: null,
    hasWindow: true,
    linkUrl: null,
    storageFailure: null,
    tenantLogoutBlocked: false,
    show: "card",
    peer: "kernel",
    local: false,
    ...change,
  };
}

/** What was sent, by type, so that a test can say what it expects and nothing more. */
export function types(sent: readonly ToKernel[]): string[] {
  return sent.map((message) => message.type);
}
