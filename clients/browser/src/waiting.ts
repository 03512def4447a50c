// What was tapped without a network waits on the device until it is answered, also through a reload.
// It is sealed (AES-GCM) with a key that only pages of this login are given, and that no script can
// read out again: once somebody has logged out, nobody reads it. Where the browser has no seal
// (http without TLS), it waits in the page alone.

/** A tap on something that acts: the form that it sends, with the key by which it is done once. */
export interface Tap {
  id: string;
  path: string;
  body: string;
  label: string;
  at: number;
}

/** How many may wait, and for how long in milliseconds: what is older is not what she wants now. */
export const MOST = 20;
export const LONGEST = 4 * 60 * 60 * 1000;

const PREFIX = "spindel.tablet.";
let sealing: Promise<CryptoKey> | undefined;

const bytes = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const words = (some: Uint8Array) => btoa(String.fromCharCode(...some));

function names(): string[] {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return []; // the browser keeps nothing
  }
}

/** Keep it on the device. */
export async function keep(tap: Tap): Promise<void> {
  if (!sealing) return;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(tap));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealing, plain);
  try {
    localStorage.setItem(PREFIX + tap.id, `${words(iv)} ${words(new Uint8Array(sealed))}`);
  } catch {
    // It is full, or keeps nothing: then it waits in the page alone.
  }
}

/** It is answered. */
export function forget(id: string): void {
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {
    // It was never kept.
  }
}

/** What waits since before the page was loaded, the first first; and how much can't be read. */
export async function restore(seal: string): Promise<{ taps: Tap[]; lost: number }> {
  if (!seal || !globalThis.crypto?.subtle) return { taps: [], lost: 0 };
  sealing = crypto.subtle.importKey("raw", bytes(seal), "AES-GCM", false, ["encrypt", "decrypt"]);
  const taps: Tap[] = [];
  let lost = 0;
  for (const name of names()) {
    try {
      const [iv, sealed] = (localStorage.getItem(name) ?? "").split(" ").map(bytes);
      if (!iv || !sealed) throw new Error("not ours");
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await sealing, sealed);
      taps.push(JSON.parse(new TextDecoder().decode(plain)) as Tap);
    } catch {
      localStorage.removeItem(name); // another login's
      lost += 1;
    }
  }
  taps.sort((one, other) => one.at - other.at);
  for (const tap of taps.splice(MOST)) {
    forget(tap.id);
    lost += 1;
  }
  return { taps, lost };
}
