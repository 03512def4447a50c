import htmx from "htmx.org";

// The store tablet: a scanner that types, the camera, and a network that comes and goes. Pages are
// fetched and put in place (hx-boost), so what is on the screen stays there without a network, and
// what was tapped is sent again with the same key until it is answered.

// --- the network ---------------------------------------------------------------------------------

interface Sent {
  element: HTMLElement;
  button: HTMLElement | null;
  acts: boolean;
}

/** What the htmx events tell of a request. */
interface Told {
  elt: HTMLElement;
  boosted?: boolean;
  xhr?: XMLHttpRequest;
  requestConfig: { verb: string };
}

let sent: Sent | undefined; // underway, or waiting for the network
let retry: ReturnType<typeof setTimeout> | undefined;
let pause = 1000;
let away = !navigator.onLine;
let repeating = false;
const buttons = new WeakMap<HTMLElement, HTMLElement>();

/** The line that says how it is with the network; pages bring it, hidden. */
function paint(): void {
  const line = document.getElementById("network");
  if (!line) return;
  line.hidden = !away;
  const words = line.querySelector("span");
  if (words) words.textContent = (sent?.acts ? line.dataset.acting : line.dataset.away) ?? "";
}

function again(): void {
  clearTimeout(retry);
  retry = undefined;
  if (!sent || !sent.element.isConnected) return;
  repeating = true;
  if (sent.button) sent.button.click();
  else if (sent.element instanceof HTMLFormElement) sent.element.requestSubmit();
  else sent.element.click();
  repeating = false;
}

function unanswered(told: Told): void {
  away = true;
  // What the page fetches by itself comes again by itself.
  if (told.boosted && sent) {
    clearTimeout(retry);
    retry = setTimeout(again, pause);
    pause = Math.min(pause * 2, 5000);
  }
  paint();
}

function answered(): void {
  away = false;
  pause = 1000;
  clearTimeout(retry);
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

on("htmx:beforeRequest", (told, event) => {
  if (!told.boosted) return;
  const acts = told.requestConfig.verb !== "get";
  // What was begun comes to its end before anything else; tapped twice, it is one.
  if (sent?.acts && !repeating) {
    event.preventDefault();
    return;
  }
  sent = { element: told.elt, button: buttons.get(told.elt) ?? null, acts };
  document.body.setAttribute("aria-busy", "true");
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
    sent = undefined;
    document.body.removeAttribute("aria-busy");
    nextScan();
  }
  answered();
});
addEventListener("offline", () => {
  away = true;
  paint();
});
addEventListener("online", () => {
  if (sent && retry) again();
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
  if (!form || !field || sent || scans.length === 0) return;
  field.value = scans.shift() ?? "";
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
htmx.config.timeout = 20_000;
arrive();
