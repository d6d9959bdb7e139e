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

  it("can be had without typing: by a link, and by a QR code", () => {
    device.draw(CODE);
    const complete = frame.querySelectorAll("a")[1];
    expect(complete?.href).toBe(CODE.verification_uri_complete);
    expect([complete?.target, complete?.rel]).toEqual(["_blank", "noreferrer"]);
    expect(frame.textContent).toContain("compare the code");
    device.draw({ ...CODE, verification_uri_complete: null, qr: null });
    expect(complete?.closest("[hidden]")).not.toBeNull();
    expect(frame.querySelector("canvas")?.hidden).toBe(true);
  });

  it("is drawn as a QR code in a white frame, and wiped when it is gone", () => {
    const paper = { fillStyle: "", fillRect: vi.fn(), setTransform: vi.fn(), fill: vi.fn() };
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(paper as never);
    vi.stubGlobal("Path2D", function (this: { path: string }, path: string) {
      this.path = path;
    });
    device.draw(CODE);
    const canvas = frame.querySelector("canvas");
    expect([canvas?.width, canvas?.hidden]).toEqual([(21 + 2 * 4) * 8, false]);
    expect(canvas?.getAttribute("aria-label")).toBe("The link as a QR code");
    expect(paper.setTransform).toHaveBeenCalledWith(8, 0, 0, 8, 32, 32);
    expect(paper.fill.mock.calls[0]?.[0]).toEqual({ path: CODE.qr?.path });
    device.draw(null);
    expect([canvas?.width, canvas?.hidden]).toEqual([0, true]);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it("can be copied where the browser lets it", async () => {
    const writeText = vi.fn(() => Promise.resolve());
    vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ writeText } as never);
    device.draw(CODE);
    const copy = frame.querySelector("button");
    expect(copy?.textContent).toBe("Copy");
    copy?.click();
    await vi.waitFor(() => expect(copy?.textContent).toBe("Copied"));
    expect(writeText).toHaveBeenCalledWith(CODE.user_code);
    device.draw({ ...CODE, user_code: "ANOTHER" });
    expect(copy?.textContent).toBe("Copy");
    vi.spyOn(navigator, "clipboard", "get").mockReturnValue(undefined as never);
    device.draw(CODE);
    expect(copy?.hidden).toBe(true);
    vi.restoreAllMocks();
  });

  it("is selected where the browser does not let it be copied", async () => {
    const writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ writeText } as never);
    document.body.append(frame);
    device.draw(CODE);
    const copy = frame.querySelector("button");
    copy?.click();
    await vi.waitFor(() => expect(copy?.textContent).toBe("Selected"));
    expect(getSelection()?.toString()).toBe(CODE.user_code);
    frame.remove();
    vi.restoreAllMocks();
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
