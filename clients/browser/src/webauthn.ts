/**
 * Passkeys. A form with `data-passkey` asks the browser to "create" one or to "get" its answer, puts
 * it into its field `credential`, and is sent. The server's options are in the script
 * `#passkey-options`, or at the address in `data-passkey-options`.
 */

type Json = Record<string, unknown>;
/** In JSON, what is bytes is base64url. */
type Id = { id: string };
type Lists = "challenge" | "user" | "excludeCredentials" | "allowCredentials";
type Creation = Omit<PublicKeyCredentialCreationOptions, Lists> & {
  challenge: string;
  user: Omit<PublicKeyCredentialUserEntity, "id"> & Id;
  excludeCredentials?: Id[];
};
type Request = Omit<PublicKeyCredentialRequestOptions, Lists> & {
  challenge: string;
  allowCredentials?: Id[];
};

/** Browsers bind a passkey to a name, and offer them to pages that nobody can have changed. */
function works(): boolean {
  const number = /^[\d.]+$|^\[/.test(location.hostname);
  return isSecureContext && "PublicKeyCredential" in window && !number;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function ids(list: Id[] = []): PublicKeyCredentialDescriptor[] {
  return list.map((one) => ({ ...one, id: bytes(one.id), type: "public-key" as const }));
}

async function create(told: Creation): Promise<Credential | null> {
  return navigator.credentials.create({
    publicKey: {
      ...told,
      challenge: bytes(told.challenge),
      user: { ...told.user, id: bytes(told.user.id) },
      excludeCredentials: ids(told.excludeCredentials),
      // One that logs in by itself: it is kept on the device, and asks who is there.
      authenticatorSelection: {
        ...told.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  });
}

async function get(told: Request): Promise<Credential | null> {
  return navigator.credentials.get({
    publicKey: {
      ...told,
      challenge: bytes(told.challenge),
      allowCredentials: ids(told.allowCredentials),
    },
  });
}

/** The credential as the server reads it. */
function shown(credential: PublicKeyCredential): Json {
  const answer = credential.response as AuthenticatorAttestationResponse &
    AuthenticatorAssertionResponse;
  const response: Json = { clientDataJSON: text(answer.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"] as const) {
    if (answer[name]) response[name] = text(answer[name]);
  }
  if (typeof answer.getTransports === "function") response["transports"] = answer.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function options<T>(form: HTMLFormElement): Promise<T> {
  const address = form.dataset["passkeyOptions"];
  if (!address) {
    const told = document.getElementById("passkey-options")?.textContent ?? "";
    return (JSON.parse(told) as { publicKey: T }).publicKey;
  }
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const told = (await answer.json()) as { request_options: { publicKey: T } };
  return told.request_options.publicKey;
}

async function ask(form: HTMLFormElement, field: HTMLInputElement): Promise<void> {
  const failed = form.querySelector<HTMLElement>("[data-passkey-failed]");
  failed?.setAttribute("hidden", "");
  try {
    const credential =
      form.dataset["passkey"] === "create"
        ? await create(await options<Creation>(form))
        : await get(await options<Request>(form));
    if (!credential) throw new Error("none");
    field.value = JSON.stringify(shown(credential as PublicKeyCredential));
    form.requestSubmit();
  } catch {
    failed?.removeAttribute("hidden");
  }
}

export function passkeys(): void {
  if (!works()) return;
  for (const place of document.querySelectorAll("[data-passkey-only]")) place.removeAttribute("hidden");
  for (const place of document.querySelectorAll("[data-passkey-without]")) place.setAttribute("hidden", "");
  // Before the page's own listener, which takes a form that is sent for one on its way.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || !form.dataset["passkey"]) return;
      const field = form.querySelector<HTMLInputElement>("input[name=credential]");
      if (!field || field.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(form, field);
    },
    { capture: true },
  );
}
