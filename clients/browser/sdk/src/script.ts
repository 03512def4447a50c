/**
 * What `<script src="…/spindel.js" data-write-key="…">` runs: starts by the tag's attributes, does
 * what was called before, and tells of the page view.
 */
import { Client, type Deciding } from "./client.js";
import type { Consent } from "./consent.js";
import { guard } from "./plain.js";

// The build puts in the version of the part that this version loads, and its hash.
declare const DECIDE_VERSION: string;
declare const DECIDE_INTEGRITY: string;

let deciding: ReturnType<Deciding> | undefined;

/** Load the part that shows what is decided: the browser refuses it when a byte is different. */
function part(from: string): ReturnType<Deciding> {
  return new Promise((loaded, failed) => {
    const script = document.createElement("script");
    const address = `${from}spindel-decide.${DECIDE_VERSION}.js`;
    // Some pages take no plain text for an address of a script.
    const trusted = (window as unknown as { trustedTypes?: Trusted }).trustedTypes;
    const policy = trusted?.createPolicy("spindel", { createScriptURL: (text) => text });
    script.src = (policy?.createScriptURL(address) ?? address) as string;
    script.integrity = DECIDE_INTEGRITY;
    script.crossOrigin = "anonymous";
    script.onload = () =>
      loaded((window as unknown as { spindelDecide: Awaited<ReturnType<Deciding>> }).spindelDecide);
    script.onerror = failed;
    document.head.append(script);
  });
}

interface Trusted {
  createPolicy(
    name: string,
    rules: { createScriptURL(text: string): string },
  ): { createScriptURL(text: string): unknown };
}

guard(() => {
  const tag = document.currentScript as HTMLScriptElement | null;
  const page = window as unknown as { spindel?: Partial<Client> & { q?: unknown[] } };
  const { writeKey, url, consent, market, page: pages } = tag?.dataset ?? {};
  if (!tag || !writeKey || page.spindel instanceof Client || page.spindel?.replay) return;
  const before = page.spindel?.q;
  const calls = Array.isArray(before) ? before : [];
  const from = new URL(".", tag.src).href;
  const client = new Client(
    { writeKey, url: url ?? from, consent: consent as Consent | undefined, market },
    () => (deciding ??= part(from)),
  );
  page.spindel = client;
  const told = calls.some((call) => (call as unknown[])[0] === "page");
  if (pages !== "manual" && !told) client.page();
  client.replay(calls);
  const places = (): void => {
    if (document.querySelector("[data-spindel-place]")) void client.fill();
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", places);
  else places();
});
