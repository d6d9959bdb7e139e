import { describe, expect, it } from "vitest";
import type { KeptBy, NoRenewal } from "../src/messages";
import { accessTokenEnd, duration, idTokenEnd, localTime } from "../src/times";
import { ADA } from "./kernel";

const NOON = new Date(2030, 0, 1, 12, 0).getTime() / 1000;
const clock = (date: Date) => date.toLocaleTimeString([], { timeStyle: "short" });

describe("a duration", () => {
  it.each([
    [0, "0 s"],
    [1, "1 s"],
    [59, "59 s"],
    [60, "1 min 0 s"],
    [599, "9 min 59 s"],
    [600, "10 min"],
    [3_599, "59 min"],
    [3_600, "1 h 0 min"],
    [86_399, "23 h 59 min"],
    [86_400, "1 d 0 h"],
    [200_000, "2 d 7 h"],
  ])("of %d seconds is %s", (seconds, words) =>
    expect(duration(seconds)).toBe(words.replaceAll(" ", "\u00a0")),
  );
});

describe("a time", () => {
  it("has a date only when that is not today's", () => {
    expect(localTime(NOON + 3600, NOON)).toBe(clock(new Date(2030, 0, 1, 13, 0)));
    expect(localTime(NOON + 86_400, NOON)).toMatch(/Jan 2/);
  });

  it("has a year only when that is not this one", () => {
    expect(localTime(NOON + 86_400, NOON)).not.toContain("2030");
    expect(localTime(NOON - 86_400, NOON)).toContain("2029");
  });
});

describe("the two ends", () => {
  const card = { ...ADA, access_token_expires_at: NOON + 90.9, id_token_expires_at: NOON + 7_200 };

  it("are different things and say so", () => {
    expect(accessTokenEnd(card, NOON)).toMatch(
      /^API access until .*\(1\s+min\s+30\s+s left\), then log in/,
    );
    expect(idTokenEnd(card, NOON)).toMatch(/^ID token until .*\(2\s+h\s+0\s+min left\)$/);
    expect(accessTokenEnd({ ...card, no_renewal: null }, NOON)).toMatch(/, renews itself$/);
  });

  it("say who renews a session, if it is not the kernel", () => {
    const kept = { ...card, no_renewal: null };
    const end = (place: KeptBy): string | null => accessTokenEnd({ ...kept, kept_by: place }, NOON);
    expect(end("server")).toMatch(/, renewed by the Jupyter Server$/);
    expect(end("machine")).toMatch(/, renews itself, remembered by this machine$/);
  });

  it("that have come are said to have come", () => {
    expect(accessTokenEnd(card, NOON + 91)).toMatch(/^API access ended at /);
    expect(idTokenEnd(card, NOON + 7_200)).toMatch(/^ID token ended at /);
  });

  it("of an access token that renews itself is no end of the session", () => {
    expect(accessTokenEnd({ ...card, no_renewal: null }, NOON + 91)).toMatch(
      /^API access ended at .*, and renews when it is next used$/,
    );
  });

  it("say why nothing renews it", () => {
    const why = (no_renewal: NoRenewal) => accessTokenEnd({ ...card, no_renewal }, NOON);
    expect(why("restored")).toMatch(
      /log in again: a session restored from the browser is not renewed$/,
    );
    expect(why("not_requested")).toMatch(/log in again: the scope has no offline_access$/);
    expect(why("not_granted")).toMatch(/log in again: the tenant did not grant offline_access$/);
    expect(why("forked")).toMatch(/log in again: a forked process does not renew it$/);
    expect(why("refused")).toMatch(/log in again: the tenant no longer renews it$/);
  });

  it("that are not known are not shown", () => {
    expect(idTokenEnd({ ...ADA, id_token_expires_at: null }, NOON)).toBeNull();
  });
});
