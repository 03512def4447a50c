/**
 * What `<script src="…/spindel.js" data-write-key="…">` runs: starts by the tag's attributes, does
 * what was called before, and tells of the page view.
 */
import { Client } from "./client.js";
import type { Consent } from "./consent.js";
import { guard } from "./plain.js";

guard(() => {
  const tag = document.currentScript as HTMLScriptElement | null;
  const page = window as unknown as { spindel?: Partial<Client> & { q?: unknown[] } };
  const { writeKey, url, consent, page: pages } = tag?.dataset ?? {};
  if (!tag || !writeKey || page.spindel instanceof Client || page.spindel?.replay) return;
  const before = page.spindel?.q;
  const calls = Array.isArray(before) ? before : [];
  const client = new Client({
    writeKey,
    url: url ?? new URL(".", tag.src).href,
    consent: consent as Consent | undefined,
  });
  page.spindel = client;
  const told = calls.some((call) => (call as unknown[])[0] === "page");
  if (pages !== "manual" && !told) client.page();
  client.replay(calls);
});
