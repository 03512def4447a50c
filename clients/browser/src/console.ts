import htmx from "htmx.org";
import { passkeys } from "./webauthn";

/** A page hears from the server that something happened, and fetches what it shows itself. */
function listen(place: HTMLElement): void {
  const address = place.dataset.live;
  if (!address) return;
  const state = place.querySelector<HTMLElement>("[data-live-state]");
  const source = new EventSource(address);
  const ring = (): void => {
    for (const element of [place, ...place.querySelectorAll<HTMLElement>("[hx-trigger*=facts]")]) {
      element.dispatchEvent(new CustomEvent("facts"));
    }
    const timeline = place.querySelector<HTMLElement>("[data-timeline]");
    if (timeline) void grow(timeline);
  };
  let missed = false;
  source.addEventListener("facts", () => {
    // A page in the background catches up when somebody looks at it again.
    if (document.hidden) missed = true;
    else ring();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && missed) {
      missed = false;
      ring();
    }
  });
  source.addEventListener("open", () => state?.removeAttribute("hidden"));
  source.addEventListener("error", () => state?.setAttribute("hidden", ""));
  window.addEventListener("pagehide", () => source.close());
}

let growing = false;
let again = false;

/** Bring in what has come since, without moving what somebody is reading. */
async function grow(timeline: HTMLElement): Promise<void> {
  if (growing) {
    again = true;
    return;
  }
  growing = true;
  try {
    const days = timeline.querySelector<HTMLElement>("[data-days]");
    const address = days?.dataset.source;
    if (!days || !address) return;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    // The filters may have been changed meanwhile: then there is a fresh list already.
    if (!answer.ok || answer.status === 204 || !days.isConnected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const anchor = reading();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    const arrived = reconcile(days, fresh);
    if (anchor?.isConnected) scrollBy(0, anchor.getBoundingClientRect().top - before);
    if (arrived > 0 && days.getBoundingClientRect().top < 0) announce(arrived);
  } finally {
    growing = false;
    if (again) {
      again = false;
      void grow(timeline);
    }
  }
}

/** The line at the top of the window, if the list has been scrolled. */
function reading(): Element | undefined {
  const lines = [...document.querySelectorAll("[data-days] .entry[id]")];
  const first = lines[0];
  if (!first || first.getBoundingClientRect().top > 60) return undefined;
  return lines.find((line) => line.getBoundingClientRect().bottom > 100);
}

/** Put the fresh lines where they belong, by their ids; how many are new. */
function reconcile(days: HTMLElement, fresh: Document): number {
  let arrived = 0;
  if (fresh.querySelector("[data-day]")) days.querySelector(".timeline-empty")?.remove();
  for (const section of fresh.querySelectorAll<HTMLElement>("[data-day]")) {
    let day = days.querySelector<HTMLElement>(`[data-day="${section.dataset.day}"]`);
    if (!day) {
      day = section.cloneNode(true) as HTMLElement;
      for (const line of day.querySelectorAll(".entry[id]")) line.classList.add("arrived");
      arrived += day.querySelectorAll(".entry[id]").length;
      // Days stand newest first.
      const older = [...days.querySelectorAll<HTMLElement>("[data-day]")].find(
        (other) => (other.dataset.day ?? "") < (section.dataset.day ?? ""),
      );
      days.insertBefore(day, older ?? null);
      htmx.process(day);
      continue;
    }
    const list = day.querySelector("ol");
    if (!list) continue;
    let next: Element | null = list.firstElementChild;
    for (const line of section.querySelectorAll<HTMLElement>("ol.diary > .entry[id]")) {
      const known = document.getElementById(line.id);
      if (known && known.parentElement === list) {
        if (known.querySelectorAll(".entry-row").length !== line.querySelectorAll(".entry-row").length) {
          const grown = line.cloneNode(true) as HTMLElement;
          const open = known.querySelector("details")?.open ?? false;
          const details = grown.querySelector("details");
          if (details) details.open = open;
          grown.classList.add("arrived");
          known.replaceWith(grown);
          htmx.process(grown);
          arrived += 1;
          next = grown.nextElementSibling;
        } else next = known.nextElementSibling;
        continue;
      }
      const added = line.cloneNode(true) as HTMLElement;
      added.classList.add("arrived");
      list.insertBefore(added, next);
      htmx.process(added);
      arrived += 1;
    }
  }
  return arrived;
}

let unseen = 0;

function announce(count: number): void {
  const button = document.querySelector<HTMLElement>("[data-fresh]");
  const words = button?.querySelector<HTMLElement>("span");
  if (!button || !words) return;
  unseen += count;
  const text = unseen === 1 ? words.dataset.one : words.dataset.many;
  words.textContent = (text ?? "").replace("{n}", String(unseen));
  button.hidden = false;
}

function seen(): void {
  const button = document.querySelector<HTMLElement>("[data-fresh]");
  if (button) button.hidden = true;
  unseen = 0;
}

/** Arrows walk from the box through what was found, and back. */
function walk(event: KeyboardEvent): void {
  const finder = document.querySelector<HTMLElement>("[data-finder] input");
  const results = [...document.querySelectorAll<HTMLElement>("[data-results] a")];
  const here = document.activeElement as HTMLElement | null;
  if (!finder || !here) return;
  const at = here === finder ? -1 : results.indexOf(here);
  if (at === -1 && here !== finder) return;
  const to = event.key === "ArrowDown" ? at + 1 : at - 1;
  if (to >= results.length || (at === -1 && to < 0)) return;
  event.preventDefault();
  (to < 0 ? finder : results[to])?.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event);
  if (event.key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey) {
    const box = document.querySelector<HTMLInputElement>("[data-finder] input, [data-slash]");
    if (box) {
      event.preventDefault();
      box.focus();
    }
  }
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  }
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
  target?.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  if (target?.closest("[data-fresh]")) {
    document.getElementById("timeline-title")?.scrollIntoView({ block: "start" });
    scrollBy(0, -72);
    seen();
  }
  const copy = target?.closest<HTMLElement>("[data-copy]");
  if (copy) void copyText(copy);
  const test = target?.closest<HTMLElement>("[data-test-message]");
  if (test && !test.hasAttribute("aria-busy")) void sendTest(test);
});

/** A message of the source's own, over the same road as any other; then the page looks again. */
async function sendTest(button: HTMLElement): Promise<void> {
  const said = button.parentElement?.querySelector<HTMLElement>("[data-test-said]");
  const { key = "", kept = "", refused = "", unreached = "" } = button.dataset;
  button.setAttribute("aria-busy", "true");
  let words = unreached;
  try {
    const answer = await fetch("/v1/track", {
      method: "POST",
      credentials: "omit",
      headers: { Authorization: `Basic ${btoa(`${key}:`)}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        messageId: `test-${Date.now()}-${Math.random().toString(36).slice(2)}`,
        anonymousId: "spindel-test",
        event: "Test Message Sent",
        timestamp: new Date().toISOString(),
      }),
    });
    const body = (await answer.json()) as { message?: string };
    words = answer.ok ? kept : `${refused} ${body.message ?? String(answer.status)}`;
  } catch {
    // Not JSON, or no answer at all: it is not the collector that is there.
  }
  button.removeAttribute("aria-busy");
  if (said) said.textContent = words;
  const place = button.closest("[data-live]");
  for (const part of place?.querySelectorAll("[hx-trigger*=facts]") ?? []) {
    part.dispatchEvent(new CustomEvent("facts"));
  }
}

async function copyText(button: HTMLElement): Promise<void> {
  const text = document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
  await navigator.clipboard.writeText(text);
  button.querySelector("use")?.setAttribute(
    "href",
    (button.querySelector("use")?.getAttribute("href") ?? "").replace(/#.*/, "#check"),
  );
}

addEventListener("scroll", () => {
  const days = document.querySelector("[data-days]");
  if (unseen && days && days.getBoundingClientRect().top > 0) seen();
}, { passive: true });

// A file that was chosen is sent at once.
document.addEventListener("change", (event) => {
  const target = event.target;
  if (target instanceof HTMLInputElement && target.matches("[data-sends-itself]")) {
    target.form?.requestSubmit();
  }
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  // Back in the browser's history shows the page as it was left.
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
  }
});

// A column in which somebody has opened or begun something is not swapped under her hands when
// something happens elsewhere; what she asked for herself is. In one that is calm while she types
// a button may have the focus: it gets it back by its id.
document.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (!target?.matches("[data-calm]")) return;
  const { requestConfig } = (event as CustomEvent<{ requestConfig?: { triggeringEvent?: Event } }>).detail;
  if ((requestConfig?.triggeringEvent?.type ?? "facts") !== "facts") return;
  const here = document.activeElement;
  const holds = target.contains(here) && (target.dataset.calm !== "typing" || isTyping(here));
  const busy = holds || target.querySelector("details[open]:not([data-quiet])");
  if (busy) event.preventDefault();
});

// What is asked for in a panel goes before what it was about to show anew: that may be old by now.
document.addEventListener("htmx:beforeRequest", (event) => {
  const sender = event.target instanceof HTMLElement ? event.target : null;
  const panel = sender?.matches("form") ? sender.closest("[data-calm]") : null;
  if (panel) htmx.trigger(panel, "htmx:abort", {});
});

// A form that htmx has sent may be sent again; a toast whose offer was taken has done its work.
document.addEventListener("htmx:afterRequest", (event) => {
  const sender = event.target instanceof HTMLElement ? event.target : null;
  const form = sender?.closest("form");
  if (!form) return;
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
  form.closest("[data-toast]")?.remove();
});

document.addEventListener("htmx:oobAfterSwap", (event) => {
  const { target } = (event as CustomEvent<{ target?: HTMLElement }>).detail;
  for (const toast of target?.querySelectorAll<HTMLElement>("[data-toast]") ?? []) fade(toast);
});

/** A toast goes by itself; one that offers something stays longer. */
function fade(toast: HTMLElement): void {
  if (toast.dataset.fades) return;
  toast.dataset.fades = "1";
  setTimeout(() => {
    if (!toast.matches(":hover, :focus-within")) toast.remove();
  }, toast.querySelector("form") ? 20_000 : 7_000);
}

passkeys();
for (const place of document.querySelectorAll<HTMLElement>("[data-live]")) listen(place);
for (const toast of document.querySelectorAll<HTMLElement>("[data-toast]")) fade(toast);

// An address may lead to something that is folded.
const named = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
const folded = named?.querySelector("details");
if (folded) folded.open = true;
