import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DeviceView } from "../src/device";
import { mountDevice } from "../src/device";
import { CODE } from "./kernel";

let frame: HTMLElement;
let device: DeviceView;

beforeEach(() => {
  frame = document.createElement("div");
  device = mountDevice(frame);
});

describe("a code", () => {
  it("is opened by a person's click only, and the address is shown as it is", () => {
    device.draw(CODE);
    const link = frame.querySelector("a");
    expect(link?.href).toBe(CODE.verification_uri);
    expect(link?.textContent).toBe(CODE.verification_uri);
    expect(link?.target).toBe("_blank");
    // The address of the notebook is none of the tenant's business.
    expect(link?.rel).toBe("noreferrer");
  });

  it("leaves nothing behind when it is gone", () => {
    device.draw(CODE);
    device.draw(null);
    expect(frame.hidden).toBe(true);
    expect(frame.innerHTML).not.toMatch(/ABCD|acme/);
  });

  it("no longer says until when once its time is over", () => {
    device.draw({ ...CODE, expires_at: 1 });
    expect(frame.textContent).not.toContain("Valid");
    device.tick();
    expect(frame.textContent).not.toContain("Valid");
  });

  it("counts down until then", () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    device.draw({ ...CODE, expires_at: 1_800_000_090 });
    expect(frame.textContent).toMatch(/Valid until .*\(1\s+min\s+30\s+s left\)/);
    vi.setSystemTime(1_800_000_003_000);
    device.tick();
    expect(frame.textContent).toMatch(/\(1\s+min\s+27\s+s left\)/);
    vi.useRealTimers();
  });

  it("is text, whatever it holds", () => {
    const evil = '<img src=x onerror="alert(1)">';
    device.draw({ ...CODE, user_code: evil });
    expect(frame.querySelector("img")).toBeNull();
    expect(frame.textContent).toContain(evil);
  });
});
