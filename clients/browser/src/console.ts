import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { passkeys } from "./webauthn";

/** Whether what is written in an attribute is somebody's own doing by now: opened, typed, chosen. */
function isHers(name: string, node: Element): boolean {
  if (name === "open") return node instanceof HTMLDetailsElement;
  if (name === "data-sent" || name === "aria-busy") return true;
  if (name === "value") {
    if (node instanceof HTMLInputElement) return node.type !== "hidden" && node.value !== node.defaultValue;
    return node instanceof HTMLTextAreaElement && node.value !== node.defaultValue;
  }
  if (name === "checked") return node instanceof HTMLInputElement && node.checked !== node.defaultChecked;
  if (name === "selected") return node instanceof HTMLOptionElement && node.selected !== node.defaultSelected;
  return false;
}

/** Make what is in a place what has come, and leave alone what somebody has open, is typing, or has
 * asked for herself (`data-kept`). Things are known again by their ids. */
function renew(place: Element, fresh: ParentNode): Node[] {
  return Idiomorph.morph(place, fresh.children, {
    morphStyle: "innerHTML",
    ignoreActiveValue: true,
    callbacks: {
      beforeNodeMorphed: (node) => !(node instanceof Element && node.matches("[data-kept]")),
      beforeAttributeUpdated: (name, node) => !isHers(name, node),
    },
  });
}

htmx.defineExtension("renew", {
  handleSwap: (style, target, fragment) =>
    style === "renew" && renew(target as Element, fragment as unknown as ParentNode),
});

const LOOK_AGAIN = 60_000; // for what changes without a fact: the time, what others buy
const PATIENCE = 2_000; // with a stream that neither opens nor fails

/** A page hears from the server that something happened, and fetches what it shows itself. */
function listen(place: HTMLElement): void {
  const state = place.querySelector<HTMLElement>("[data-live-state]");
  let source: EventSource | undefined;
  let missed = false;
  let looked = false;
  const look = (): void => {
    looked = true;
    // A page in the background catches up when somebody looks at it again.
    missed = document.hidden;
    if (missed) return;
    for (const element of document.querySelectorAll("[hx-trigger*=facts]")) {
      element.dispatchEvent(new CustomEvent("facts"));
    }
    const timeline = place.querySelector<HTMLElement>("[data-timeline]");
    if (timeline) void grow(timeline);
  };
  const open = (): void => {
    source?.close();
    source = new EventSource(place.dataset.live ?? "");
    source.addEventListener("facts", look);
    // Something may have happened while nobody listened: before it was there, or was there again.
    source.addEventListener("open", () => {
      state?.removeAttribute("hidden");
      look();
    });
    source.addEventListener("error", () => {
      state?.setAttribute("hidden", "");
      if (!looked) look();
    });
  };
  open();
  setTimeout(() => {
    if (!looked) look();
  }, PATIENCE);
  setInterval(look, LOOK_AGAIN);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && missed) look();
  });
  // Whoever is shown may have become part of somebody else, whose page this is from then on.
  document.addEventListener("htmx:afterSettle", () => {
    const now = place.querySelector<HTMLElement>("[data-now-live]");
    if (!now || now.dataset.nowLive === place.dataset.live) return;
    place.dataset.live = now.dataset.nowLive;
    history.replaceState(history.state, "", `${now.dataset.nowAt ?? ""}${location.search}`);
    open();
  });
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  });
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
    const came = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = came.querySelector<HTMLElement>("[data-days]");
    if (!fresh) return;
    if (fresh.dataset.held !== days.dataset.held || !("whole" in fresh.dataset)) {
      // Other things are hers now, or far too many have come: it is another list.
      htmx.trigger(document.querySelector(".filters") ?? timeline, "change", {});
      return;
    }
    if ("after" in days.dataset) keepLast(days, fresh);
    const anchor = reading();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    const arrived = bring(days, fresh);
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

/** Only what is newer than the last line has come: that stays below it. */
function keepLast(days: HTMLElement, fresh: HTMLElement): void {
  const last = [...days.querySelectorAll(".entry[id]")].pop();
  const day = last?.closest<HTMLElement>("[data-day]");
  if (!last || !day) return;
  let same = fresh.querySelector<HTMLElement>(`[data-day="${day.dataset.day ?? ""}"]`);
  if (!same) {
    same = day.cloneNode(false) as HTMLElement;
    for (const part of day.children) same.append(part.cloneNode(part.tagName !== "OL"));
    fresh.append(same);
  }
  same.querySelector("ol")?.append(last.cloneNode(true));
}

/** How much each line says, by its id. */
function lines(days: HTMLElement): Map<string, number> {
  const found = days.querySelectorAll<HTMLElement>(".entry[id]");
  return new Map([...found].map((line) => [line.id, line.querySelectorAll(".entry-row").length]));
}

/** Show the fresh lines where they belong; how many are new, or have grown. */
function bring(days: HTMLElement, fresh: HTMLElement): number {
  const before = lines(days);
  for (const node of renew(days, fresh)) if (node instanceof Element) htmx.process(node);
  const arrived = [...lines(days)].filter(([id, rows]) => before.get(id) !== rows);
  for (const [id] of arrived) document.getElementById(id)?.classList.add("arrived");
  return arrived.length;
}

/** The line at the top of the window, if the list has been scrolled. */
function reading(): Element | undefined {
  const lines = [...document.querySelectorAll("[data-days] .entry[id]")];
  const first = lines[0];
  if (!first || first.getBoundingClientRect().top > 60) return undefined;
  return lines.find((line) => line.getBoundingClientRect().bottom > 100);
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

/** The box in the header drops down what it has found: the combobox of the ARIA patterns. */
function combobox(form: HTMLElement): void {
  const input = form.querySelector<HTMLInputElement>("[role=combobox]");
  const list = form.querySelector<HTMLElement>("[role=listbox]");
  if (!input || !list) return;
  const options = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[role=option]")];
  const chosen = (): number => options().findIndex((one) => one.ariaSelected === "true");
  const choose = (at: number): void => {
    options().forEach((one, place) => (one.ariaSelected = String(place === at)));
    const one = options()[at];
    if (one) input.setAttribute("aria-activedescendant", one.id);
    else input.removeAttribute("aria-activedescendant");
    one?.scrollIntoView({ block: "nearest" });
  };
  const show = (open: boolean): void => {
    list.hidden = !open;
    input.ariaExpanded = String(open);
    choose(-1);
  };
  input.addEventListener("input", () => {
    if (!input.value.trim()) show(false);
  });
  input.addEventListener("focus", () => show(input.value.trim() !== "" && list.childElementCount > 0));
  list.addEventListener("htmx:afterSwap", () => {
    if (input.value.trim() && document.activeElement === input) show(true);
  });
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      if (list.hidden) show(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      // Through the list and back to the box, as its end and its beginning.
      choose(((chosen() + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter" && !list.hidden && chosen() >= 0) {
      event.preventDefault();
      options()[chosen()]?.click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (list.hidden) input.value = "";
      show(false);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  input.addEventListener("blur", () => show(false));
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
  const opener = target?.closest<HTMLElement>("[data-opens]");
  const opened = opener && document.querySelector<HTMLDetailsElement>(opener.dataset.opens ?? "");
  if (opened) {
    event.preventDefault();
    opened.open = true;
    opened.querySelector<HTMLElement>("input, textarea")?.focus();
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
  if ("download" in form.dataset) return; // the page stays, and may ask for another file
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

// What is asked for in a panel goes before what it was about to show anew: that may be old by now.
document.addEventListener("htmx:beforeRequest", (event) => {
  const sender = event.target instanceof HTMLElement ? event.target : null;
  const panel = sender?.matches("form") ? sender.closest("[hx-trigger*=facts]") : null;
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

// What was sent and not answered, or refused for now, is said: the page itself shows no change.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const { requestConfig, xhr } = (event as CustomEvent<{ requestConfig: { verb: string }; xhr: XMLHttpRequest }>).detail;
    const words = document.querySelector<HTMLTemplateElement>("template#not-now");
    if (requestConfig.verb === "get" || (xhr.status && xhr.status < 500) || !words) return;
    const toasts = document.getElementById("toasts");
    if (toasts?.querySelector("[data-not-now]")) return;
    toasts?.append(words.content.cloneNode(true));
    for (const toast of toasts?.querySelectorAll<HTMLElement>("[data-toast]") ?? []) fade(toast);
  });
}

/** A toast goes by itself; one that offers something stays longer. */
function fade(toast: HTMLElement): void {
  if (toast.dataset.fades) return;
  toast.dataset.fades = "1";
  setTimeout(() => {
    if (!toast.matches(":hover, :focus-within")) toast.remove();
  }, toast.querySelector("form") ? 20_000 : 7_000);
}

passkeys();
for (const form of document.querySelectorAll<HTMLElement>("[data-combobox]")) combobox(form);
for (const place of document.querySelectorAll<HTMLElement>("[data-live]")) listen(place);
for (const toast of document.querySelectorAll<HTMLElement>("[data-toast]")) fade(toast);

// An address may lead to something that is folded.
const named = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
const folded = named?.querySelector("details");
if (folded) folded.open = true;
