/** Checks URLs from the kernel and the tenant: no scripts, and no plain http over the network. */

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** Whether a URL is on this machine. */
export function isLocal(address: string): boolean {
  try {
    return LOOPBACK.test(new URL(address).hostname);
  } catch {
    return false;
  }
}

/** Whether a URL has the scheme https, or plain http on this machine. */
export function isSafe(address: string): boolean {
  try {
    const { protocol } = new URL(address);
    return protocol === "https:" || (protocol === "http:" && isLocal(address));
  } catch {
    return false;
  }
}
