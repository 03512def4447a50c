import htmx from "htmx.org";
import { forget, keep, LONGEST, MOST, restore, type Tap } from "./waiting";

// The store tablet: a scanner that types, the camera, and a network that comes and goes. Pages are
// fetched and put in place (hx-boost), so what is on the screen stays there without a network, and
// what was tapped is sent again with the same key until it is answered, also after a reload.

// --- the network ---------------------------------------------------------------------------------

interface Sent {
  element: HTMLElement;
  tapped: HTMLElement | null;
  acts: boolean;
}

/** What the htmx events tell of a request. */
interface Told {
  elt: HTMLElement;
  boosted?: boolean;
  xhr?: XMLHttpRequest;
  requestConfig: { verb: string };
}

let sent: Sent | undefined; // underway; a page that is fetched again until there is a network
let pending: Tap[] = []; // what acts and waits for the network
let own = new Set<string>(); // of it, what was tapped since the page was loaded
let flushing = false;
let retry: ReturnType<typeof setTimeout> | undefined;
let pause = 1000;
let away = !navigator.onLine;
const buttons = new WeakMap<HTMLElement, HTMLElement>();

/** The line that says how it is with the network, with its words; pages bring it, hidden. */
function line(): HTMLElement | null {
  return document.getElementById("network");
}

function paint(): void {
  const here = line();
  if (!here) return;
  here.hidden = !away && pending.length === 0;
  const words = here.querySelector("span");
  const data = here.dataset;
  if (words) words.textContent = pending.length ? `${data.acting} (${pending.length})` : (data.away ?? "");
}

/** Show that what was tapped waits for its answer. */
function mark(tapped: HTMLElement | null): void {
  tapped?.classList.add("waits");
  tapped?.setAttribute("aria-busy", "true");
}

function unmark(tapped: HTMLElement | null): void {
  tapped?.classList.remove("waits");
  tapped?.removeAttribute("aria-busy");
}

function busy(is: boolean): void {
  if (is) document.body.setAttribute("aria-busy", "true");
  else document.body.removeAttribute("aria-busy");
}

/** Say something where the page says what was done. */
function say(words: string, bad: boolean): HTMLElement {
  const said = document.createElement("div");
  said.className = bad ? "said said-bad" : "said";
  const text = document.createElement("span");
  text.className = "grow";
  text.textContent = words;
  said.append(text);
  return said;
}

function tell(some: Iterable<HTMLElement>): void {
  const region = document.getElementById("said");
  for (const one of some) {
    region?.append(one);
    htmx.process(one);
  }
}

function later(): void {
  clearTimeout(retry);
  retry = setTimeout(again, pause);
  pause = Math.min(pause * 2, 5000);
}

function again(): void {
  clearTimeout(retry);
  retry = undefined;
  if (pending.length) {
    void flush();
    return;
  }
  if (!sent?.element.isConnected) return;
  const { element } = sent;
  sent = undefined;
  if (element instanceof HTMLFormElement) element.requestSubmit();
  else element.click();
}

function unanswered(told: Told): void {
  away = true;
  // What the page fetches by itself comes again by itself.
  if (told.boosted && sent) {
    if (sent.acts) {
      wait(sent.element as HTMLFormElement, sent.tapped);
      sent = undefined;
      busy(false);
    }
    later();
  }
  paint();
  nextScan();
}

function answered(): void {
  away = false;
  pause = 1000;
  clearTimeout(retry);
  retry = undefined;
  paint();
  if (pending.length) void flush();
}

// --- what acts, and waits for the network --------------------------------------------------------

/** Have it wait, on the device; what waits already is tapped once. */
function wait(form: HTMLFormElement, tapped: HTMLElement | null): void {
  const button = tapped instanceof HTMLButtonElement && tapped.form === form ? tapped : null;
  const fields = new FormData(form, button);
  const id = String(fields.get("key") ?? "");
  fields.delete("csrfmiddlewaretoken");
  mark(tapped);
  if (!id || pending.some((one) => one.id === id)) return;
  if (pending.length >= MOST) {
    unmark(tapped);
    tell([say(line()?.dataset.full ?? "", true)]);
    return;
  }
  const body = new URLSearchParams([...fields].map(([name, value]) => [name, String(value)]));
  const { pathname, search } = new URL(form.action, location.href);
  const label = (tapped?.textContent ?? "").trim() || String(fields.get("code") ?? "");
  const tap = { id, path: pathname + search, body: String(body), label, at: Date.now() };
  pending.push(tap);
  own.add(id);
  void keep(tap);
  paint();
}

function done(tap: Tap): void {
  forget(tap.id);
  pending = pending.filter((one) => one.id !== tap.id);
}

const isOurs = (answer: Response) => new URL(answer.url).pathname.startsWith("/store/");

const TIMEOUT = 20_000;

/** Send what waits, in turn, each with its key; and tell what has become of it. */
async function flush(): Promise<void> {
  if (flushing || sent?.acts) return;
  flushing = true;
  busy(true);
  const data = line()?.dataset ?? {};
  const outcomes: HTMLElement[] = [];
  let page: { html: string; url: string } | undefined;
  try {
    for (let tap = pending[0]; tap; tap = pending[0]) {
      if (Date.now() - tap.at > LONGEST) {
        done(tap);
        outcomes.push(say(`${data.old} ${tap.label}`, true));
        continue;
      }
      const token = document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value;
      const body = new URLSearchParams(tap.body);
      body.set("csrfmiddlewaretoken", token ?? "");
      const answer = await fetch(tap.path, {
        method: "POST",
        body,
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (answer.status >= 502 && answer.status <= 504) throw new Error(String(answer.status));
      const html = await answer.text();
      if (!isOurs(answer) || (answer.status === 403 && !isOurs(await fetch("/store/")))) {
        location.assign("/store/"); // nobody is logged in any more: it waits, unread by anybody else
        return;
      }
      done(tap);
      const found = new DOMParser().parseFromString(html, "text/html");
      const said = [...found.querySelectorAll<HTMLElement>("#said > .said")];
      const why = answer.ok ? "" : (found.querySelector("[role=alert] p")?.textContent ?? "");
      const words = `${answer.ok ? data.done : data.refused} ${tap.label} ${why}`;
      outcomes.push(...(said.length ? said : [say(words.trim(), !answer.ok)]));
      if (own.delete(tap.id) && answer.ok) page = { html, url: answer.url };
    }
  } catch {
    away = true;
    later();
  } finally {
    flushing = false;
    busy(false);
  }
  if (page) {
    htmx.swap(document.body, page.html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
    history.pushState({ htmx: true }, "", page.url);
    scrollTo(0, 0);
    document.getElementById("said")?.replaceChildren();
  }
  tell(outcomes);
  if (pending.length === 0) {
    answered();
    if (!page && outcomes.length) dispatchEvent(new Event("done")); // what the page lists is older
  }
  paint();
}

function on(name: string, handle: (told: Told, event: Event) => void): void {
  document.addEventListener(name, (event) => handle((event as CustomEvent<Told>).detail, event));
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLElement;
    if (event.submitter) buttons.set(form, event.submitter);
    else buttons.delete(form);
  },
  true,
);

// The second tap of two that were meant as one would hit what the answer has put there.
document.addEventListener(
  "click",
  (event) => {
    const target = event.target instanceof Element ? event.target.closest("a, button") : null;
    if (event.detail < 2 || !target || target.closest(".stepper")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

on("htmx:beforeRequest", (told, event) => {
  if (!told.boosted) return;
  const acts = told.requestConfig.verb !== "get";
  const tapped = buttons.get(told.elt) ?? (told.elt instanceof HTMLFormElement ? null : told.elt);
  // What was begun comes to its end before anything else; tapped twice, it is one.
  if (sent?.acts || flushing) {
    event.preventDefault();
    return;
  }
  if (acts && pending.length) {
    event.preventDefault();
    wait(told.elt as HTMLFormElement, tapped);
    return;
  }
  sent = { element: told.elt, tapped, acts };
  mark(tapped);
  busy(true);
});
on("htmx:sendError", unanswered);
on("htmx:timeout", unanswered);
on("htmx:beforeSwap", (told, event) => {
  const status = told.xhr?.status ?? 0;
  if (status < 502 || status > 504) return;
  event.preventDefault();
  unanswered(told);
});
on("htmx:afterOnLoad", (told) => {
  const status = told.xhr?.status ?? 0;
  if (status >= 502 && status <= 504) return;
  if (told.boosted) {
    unmark(sent?.tapped ?? null);
    sent = undefined;
    busy(false);
    nextScan();
  }
  answered();
});
addEventListener("offline", () => {
  away = true;
  paint();
});
addEventListener("online", () => {
  if (pending.length || (sent && retry)) again();
  else answered();
});

// --- the scanner ---------------------------------------------------------------------------------

const SLOWEST = 60; // milliseconds a letter: nobody types so fast, and every scanner does
const SHORTEST = 4;

let typed = "";
let began = 0;
let last = 0;
let before: { field: HTMLInputElement; value: string } | undefined;
const scans: string[] = [];

function fieldInUse(): HTMLElement | null {
  const here = document.activeElement;
  return here instanceof HTMLElement && here.matches("input, textarea, select") ? here : null;
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") {
      const fast = typed.length >= SHORTEST && event.timeStamp - began <= SLOWEST * typed.length;
      if (fast && event.timeStamp - last < 200) {
        event.preventDefault();
        event.stopPropagation();
        if (before) before.field.value = before.value;
        scan(typed);
      }
      typed = "";
      return;
    }
    if (event.key.length !== 1) return;
    if (event.timeStamp - last > 200) typed = "";
    if (!typed) {
      began = event.timeStamp;
      if (!fieldInUse()) document.querySelector<HTMLElement>("[data-search]")?.focus();
      const field = fieldInUse();
      before = field instanceof HTMLInputElement ? { field, value: field.value } : undefined;
    }
    typed += event.key;
    last = event.timeStamp;
  },
  true,
);

/** What was scanned goes to the page's own form, one after the other. */
function scan(code: string): void {
  navigator.vibrate?.(30);
  scans.push(code);
  nextScan();
}

function nextScan(): void {
  const form = document.querySelector<HTMLFormElement>("form#scan");
  const field = form?.querySelector<HTMLInputElement>("[name=code]");
  if (!form || !field || sent || flushing || scans.length === 0) return;
  field.value = scans.shift() ?? "";
  // Each scan is one of its own, also on a page that stays.
  const key = form.querySelector<HTMLInputElement>("[name=key]");
  if (key) key.value = [...crypto.getRandomValues(new Uint32Array(4))].join("-");
  buttons.delete(form);
  form.requestSubmit();
}

// --- the camera ----------------------------------------------------------------------------------

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

function detector(): Detector | undefined {
  const kind = (window as { BarcodeDetector?: new () => Detector }).BarcodeDetector;
  return kind && navigator.mediaDevices ? new kind() : undefined;
}

async function look(button: HTMLElement): Promise<void> {
  const eye = detector();
  if (!eye) return;
  const box = document.createElement("dialog");
  box.className = "camera";
  const video = document.createElement("video");
  video.playsInline = true;
  video.muted = true;
  const close = document.createElement("button");
  close.className = "btn";
  close.textContent = button.dataset.close ?? "";
  close.addEventListener("click", () => box.close());
  box.append(video, close);
  document.body.append(box);
  box.showModal();
  let stream: MediaStream | undefined;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
    while (box.open) {
      const [found] = await eye.detect(video);
      if (found?.rawValue) {
        box.close();
        scan(found.rawValue);
      }
      await new Promise((done) => setTimeout(done, 120));
    }
  } catch {
    close.before(button.dataset.refused ?? "");
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
    if (stream) box.remove();
  }
  box.addEventListener("close", () => box.remove());
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const camera = target?.closest<HTMLElement>("[data-camera]");
  if (camera) void look(camera);
  if (target?.closest("[data-again]")) again();
});

// A day that is chosen is meant: its own button need not be tapped, too.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || !field.matches("[data-picks]")) return;
  const pick = field.closest(".pick")?.querySelector<HTMLInputElement>("[type=radio]");
  if (pick) pick.checked = true;
});

// --- each page -----------------------------------------------------------------------------------

let source: EventSource | undefined;
let address = "";

/** Listen for what happens to the customer whom the page shows. */
function listen(): void {
  const place = document.querySelector<HTMLElement>("[data-live]");
  const wanted = place?.dataset.live ?? "";
  if (wanted === address && source?.readyState !== EventSource.CLOSED) return;
  source?.close();
  source = undefined;
  address = wanted;
  if (!wanted) return;
  source = new EventSource(wanted);
  source.addEventListener("facts", () => {
    for (const part of document.querySelectorAll("[hx-trigger*=facts]")) {
      part.dispatchEvent(new CustomEvent("facts"));
    }
  });
}

function arrive(): void {
  paint();
  listen();
  const eye = detector();
  for (const button of document.querySelectorAll<HTMLElement>("[data-camera]")) {
    button.hidden = !eye;
  }
  if (!sent) nextScan();
}

document.addEventListener("htmx:afterSettle", arrive);
addEventListener("pagehide", () => source?.close());
htmx.config.timeout = TIMEOUT;
arrive();

/** What was tapped before the page was loaded goes on, and what can't be read is told. */
async function goOn(): Promise<void> {
  const here = line();
  if (!here?.dataset.seal) return;
  const { taps, lost } = await restore(here.dataset.seal);
  if (lost) tell([say(here.dataset.lost ?? "", true)]);
  pending = [...taps, ...pending];
  paint();
  if (pending.length) void flush();
}

void goOn();
