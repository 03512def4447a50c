/** Where a call was made: page, campaign, browser. Names as in Segment's spec. */
import type { Choice } from "./consent.js";
import { guard } from "./plain.js";

declare const VERSION: string;

// The ids that ad networks put into links.
const CLICK_IDS =
  /^(gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id|epik|ScCid|irclickid)$/;
const CAMPAIGN: Record<string, string> = { campaign: "name" };

/** The page at the moment of a call. */
export interface Scene {
  url: string;
  title: string;
  referrer: string;
}

export function scene(): Scene {
  return { url: location.href, title: document.title, referrer: document.referrer };
}

/** The page's own properties, without what the visitor has not agreed to. */
export function pageOf(at: Scene, choice: Choice): Record<string, string> {
  const url = choice.marketing ? at.url : withoutClickIds(at.url);
  const referrer = choice.marketing ? at.referrer : withoutClickIds(at.referrer);
  const { pathname, search } = new URL(url);
  return { path: pathname, referrer, search, title: at.title, url };
}

/** The context of a message. */
export function contextOf(at: Scene, choice: Choice): Record<string, unknown> {
  const campaign: Record<string, string> = {};
  const clickIds: Record<string, string> = {};
  new URL(at.url).searchParams.forEach((value, name) => {
    if (name.startsWith("utm_")) campaign[CAMPAIGN[name.slice(4)] ?? name.slice(4)] = value;
    else if (choice.marketing && CLICK_IDS.test(name)) clickIds[name] = value;
  });
  return {
    campaign: filled(campaign),
    clickIds: filled(clickIds),
    consent: { categoryPreferences: choice },
    library: { name: "@spindel/browser", version: VERSION },
    locale: navigator.language,
    page: pageOf(at, choice),
    screen: {
      width: screen.width,
      height: screen.height,
      innerWidth,
      innerHeight,
      density: devicePixelRatio,
    },
    timezone: guard(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
    userAgent: navigator.userAgent,
  };
}

function filled(fields: Record<string, string>): Record<string, string> | undefined {
  return Object.keys(fields).length ? fields : undefined;
}

function withoutClickIds(address: string): string {
  const url = guard(() => new URL(address));
  if (!url) return address;
  const found = [...url.searchParams.keys()].filter((name) => CLICK_IDS.test(name));
  found.forEach((name) => url.searchParams.delete(name));
  return found.length ? url.href : address;
}
