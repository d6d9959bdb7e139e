/**
 * The messages between this page and the kernel: a closed set on both sides.
 *
 * tests/fixtures/messages.json has examples, which the tests of both languages read. The types check
 * what the page sends. parsing.ts reads what it receives: the lists are the values that it accepts.
 */

import type { PageStorage, StorageFailure } from "./storage";

export const STATUSES = ["logged_out", "logging_in", "authenticated", "expired", "error"] as const;
export type Status = (typeof STATUSES)[number];
export const STARTERS = ["this_page", "another_page", "kernel"] as const;
export type Starter = (typeof STARTERS)[number];
/** Where a refresh token is, if not in the kernel. */
export const KEPT_BY = ["server", "machine"] as const;
export type KeptBy = (typeof KEPT_BY)[number];
/** Why a session is not renewed. */
export const NO_RENEWALS = [
  "restored",
  "not_requested",
  "not_granted",
  "refused",
  "lost",
  "forked",
] as const;
export type NoRenewal = (typeof NO_RENEWALS)[number];
/** How the response comes back from the login window: as a web message, or by the callback page. */
export const RESPONSE_DELIVERIES = ["message", "page"] as const;
export type ResponseDelivery = (typeof RESPONSE_DELIVERIES)[number];
/**
 * A way to log in from this page: in a window, by a link, by typing a code; or the kernel logs in
 * without the person.
 */
export const WAYS = ["window", "link", "code", "unattended"] as const;
export type Way = (typeof WAYS)[number];
/** The ways that a click in this page starts before the kernel knows of it. */
export type StartedWay = Extract<Way, "window" | "link">;
/** How much of the card is shown: everything, one button, or one line. */
export const SHOWS = ["card", "button", "badge"] as const;
export type Show = (typeof SHOWS)[number];

/** The parameters of an authorization response (RFC 6749, 4.1.2; RFC 9207, 2). */
export interface ResponseParameters {
  readonly code?: string;
  readonly state?: string;
  readonly iss?: string;
  readonly error?: string;
  readonly error_description?: string;
}

/** This page has only the loader, and requests the code of the card. */
export interface Load {
  readonly type: "load";
  readonly page: string;
}

/** What this page can do (abilities.ts). The kernel chooses the way to log in by it. */
export interface Abilities {
  /** The web origin, to which the tenant may send a response; null if it has none. */
  readonly origin: string | null;
  /** It can open a window, as far as it can tell. */
  readonly window: boolean;
  /** Such a window can send it a message. */
  readonly message: boolean;
  /** A plain link opens in the person's browser. */
  readonly link: boolean;
  /** It may use storage, which no page of another origin can read. */
  readonly storage: boolean;
}

/** This page has loaded the widget. */
export interface Hello extends Abilities {
  readonly type: "hello";
  readonly page: string;
  /** The URL of the callback page; null if this page's server has none. */
  readonly callback_page: string | null;
}

/** The record in this page's storage: sent after `Ready`, and when another tab has changed it. */
export interface StoredRecord {
  readonly type: "stored_record";
  readonly page: string;
  readonly record: string | null;
}

/** The person clicked Log in: the login window is open, or the link has been followed. */
export interface LoginStarted {
  readonly type: "login_started";
  readonly page: string;
  readonly way: StartedWay;
}

/** The tenant's authorization response, from the login window. */
export interface AuthorizationResponse {
  readonly type: "authorization_response";
  readonly page: string;
  readonly response: ResponseParameters;
}

/** The browser did not let the login window open. */
export interface WindowBlocked {
  readonly type: "window_blocked";
  readonly page: string;
}

/** The login window seems closed. It may only be cut off from this page, and still respond. */
export interface WindowClosed {
  readonly type: "window_closed";
  readonly page: string;
}

/** The person clicked Cancel. */
export interface CancelLogin {
  readonly type: "cancel_login";
  readonly page: string;
}

/** The person clicked Use the callback page, for the next response. */
export interface UseCallbackPage {
  readonly type: "use_callback_page";
  readonly page: string;
}

/** The person requests a code, to log in without a window (RFC 8628). */
export interface UseCode {
  readonly type: "use_code";
  readonly page: string;
}

/** The person clicked Log out. */
export interface LogOut {
  readonly type: "log_out";
  readonly page: string;
}

/** Whether this browser could store the record. */
export interface StoreResult {
  readonly type: "store_result";
  readonly page: string;
  readonly ok: boolean;
  readonly reason: StorageFailure | null;
}

export type ToKernel =
  | Load
  | Hello
  | StoredRecord
  | LoginStarted
  | AuthorizationResponse
  | WindowBlocked
  | WindowClosed
  | CancelLogin
  | UseCallbackPage
  | UseCode
  | LogOut
  | StoreResult;

/**
 * What the card shows of a person and a session. Times are seconds since 1970, UTC.
 *
 * `id_token_expires_at` is null once the session has expired. `no_renewal` is the reason why the
 * session cannot be renewed, or null if it can.
 */
export interface Card {
  readonly subject: string;
  readonly name: string | null;
  readonly nickname: string | null;
  readonly email: string | null;
  readonly picture: string | null;
  readonly profile: Readonly<Record<string, unknown>>;
  readonly scope: string;
  readonly audience: string | null;
  readonly id_token_expires_at: number | null;
  readonly access_token_expires_at: number;
  readonly no_renewal: NoRenewal | null;
  /** Where the refresh token is, if not in the kernel. */
  readonly kept_by: KeptBy | null;
  /** The hub's user whose server this is, if the person seems to be somebody else. */
  readonly server_of: string | null;
  /** Why the profile is that of the ID token, or null. */
  readonly profile_note: string | null;
}

/** An error: a stable code, a sentence, and the next step. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly next_step: string;
}

/** The code of the device flow (RFC 8628, 3.3), for the page that requested it. */
export interface Device {
  readonly user_code: string;
  /** Where the person types the code, on the tenant's host. */
  readonly verification_uri: string;
  /** Seconds since 1970, UTC. */
  readonly expires_at: number;
  /** The message of the error because of which the person logs in with a code, or null. */
  readonly reason: string | null;
  /** The same URI with the code in it, and its QR code; null if the tenant sent no such URI. */
  readonly verification_uri_complete: string | null;
  readonly qr: QrCode | null;
}

/** A QR code as the path of an SVG image of `size` times `size` units. */
export interface QrCode {
  readonly size: number;
  readonly path: string;
}

export interface Ready {
  readonly type: "ready";
  readonly to: string;
  readonly tenant: string;
  readonly storage: PageStorage;
  readonly key: string;
  /** What Log in does. */
  readonly way: Way;
  /** Why Log in does not open a window; null if it does. */
  readonly why: string | null;
  readonly callback: ResponseDelivery;
  /** The URL for a window; null if the response could not come back. */
  readonly authorize_url: string | null;
  /** The URL for a link; null if the response could not reach the kernel. */
  readonly link_url: string | null;
  /** The URL that ends the session at the tenant; null if a logout does not end it. */
  readonly logout_url: string | null;
  readonly show: Show;
}

export interface State {
  readonly type: "state";
  readonly to: string;
  readonly status: Status;
  /** Who started the attempt under way, perhaps before a reload; null if there is none. */
  readonly started_by: Starter | null;
  /** The channels on which the callback page will send the responses that are awaited. */
  readonly channels: readonly string[];
  /** The channel of the login window that this page has opened with this widget. */
  readonly window: string | null;
  /** A cell waits for the person. If authenticated, it requests more than the session has. */
  readonly waiting: boolean;
  readonly card: Card | null;
  readonly problem: Problem | null;
  readonly device: Device | null;
}

export interface Store {
  readonly type: "store";
  readonly to: string;
  /** If it is empty, the stored record is removed. */
  readonly record: string;
}

/** The code of the card, for the loader. */
export interface Code {
  readonly type: "code";
  readonly to: string;
  readonly code: string;
}

/** Asks the tenant in a hidden frame whether it still knows the person. */
export interface Silent {
  readonly type: "silent";
  readonly to: string;
  readonly tenant: string;
  readonly url: string;
}

export type ToPage = Ready | State | Store | Code | Silent;
