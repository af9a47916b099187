import type { Below, Body, PathOf } from "./api/contract";
import { networkError, toApiError } from "./api/errors";
import type { Session, User } from "./api/model";
import { at } from "./base";

/**
 * `unknown` until the cookie has been tried once. `expired` when the session ended under someone who was signed in: until
 * they sign in again, or give up, requests wait. `was` is the id of whoever gave up.
 */
export type SessionState = { status: "unknown" } | { status: "signedOut"; was?: string } | { status: "signedIn"; user: User } | { status: "expired"; user: User };

interface Token {
  idToken: string;
  expiresAt: number;
  user: User;
}

/** Refresh this long before the token ends. */
const MARGIN_MS = 60_000;
const LOCK = "jet-session";

let token: Token | null = null;
let state: SessionState = { status: "unknown" };
let refreshing: Promise<Token | null> | null = null;
const listeners = new Set<() => void>();
/** Tells the other tabs of new tokens and of signing out; the token itself lives in memory only. */
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(LOCK);

channel?.addEventListener("message", ({ data }: MessageEvent<Token | null>) => accept(data));

function accept(next: Token | null) {
  token = next;
  set(next ? { status: "signedIn", user: next.user } : ended());
}

/** What is left of the session: who it was, when someone was signed in. */
const ended = (): SessionState => ("user" in state ? { status: "expired", user: state.user } : { status: "signedOut" });

function set(next: SessionState) {
  state = next;
  for (const listener of listeners) listener();
}

/** The token of whoever's session had ended, once they have signed in again; null when they do not, or someone else does. */
function resumed(): Promise<string | null> {
  if (state.status !== "expired") return Promise.resolve(null);
  const { id } = state.user;
  return new Promise((resolve) => {
    const leave = session.subscribe(() => {
      if (state.status === "expired") return;
      leave();
      resolve(state.status === "signedIn" && state.user.id === id ? (token?.idToken ?? null) : null);
    });
  });
}

function publish(next: Token | null) {
  accept(next);
  channel?.postMessage(next);
}

async function post<P extends `/api/v1/session${Below<"/api/v1/session", "post">}`>(path: P, body?: Body<P, "post">): Promise<Response> {
  const json = body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {};
  return fetch(at(path), { method: "POST", credentials: "same-origin", ...json }).catch((cause: unknown) => {
    throw networkError(cause);
  });
}

function toToken(session: Session): Token {
  return { idToken: session.idToken, expiresAt: Date.now() + session.expiresIn * 1000, user: session.user };
}

const isFresh = (candidate: Token | null): candidate is Token => candidate !== null && candidate.expiresAt - Date.now() > MARGIN_MS;

async function refreshLocked(stale: string | undefined): Promise<Token | null> {
  // Another tab may have refreshed while this one waited for the lock.
  if (isFresh(token) && token.idToken !== stale) return token;
  const response = await post("/api/v1/session/refresh");
  if (response.status === 401) {
    publish(null);
    return null;
  }
  if (!response.ok) throw await toApiError(response);
  publish(toToken((await response.json()) as Session));
  return token;
}

/** Exchanges the cookie for a new token: one request at a time, in this tab and across tabs. */
function refresh(stale: string | undefined): Promise<Token | null> {
  refreshing ??= exclusively(() => refreshLocked(stale)).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Web locks are missing outside secure contexts (plain http on a LAN address): then tabs may race. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined | null;
  return locks ? await locks.request(LOCK, work) : await work();
}

export const session = {
  getState: (): SessionState => state,

  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },

  /** A token that is good for a while, or null when signed out; not before an ended session goes on. `stale` is one the server refused. */
  async idToken(stale?: string): Promise<string | null> {
    if (state.status === "signedOut") return null;
    if (state.status === "expired") return resumed();
    if (isFresh(token) && token.idToken !== stale) return token.idToken;
    return (await refresh(stale))?.idToken ?? resumed();
  },

  async signIn(credentials: { email: string; password: string }) {
    await open(post("/api/v1/session", credentials));
  },

  /** `invitationToken` is the secret of an invitation's link, where sign-up takes one. */
  async signUp(account: { email: string; password: string; name: string; invitationToken?: string }) {
    await open(post("/api/v1/session/sign-up", account));
  },

  /** A change that ends the account's sessions, this one too, and a new one after it: whoever needs a token meanwhile waits for that. */
  async renewAfter(change: (idToken: string) => Promise<unknown>, credentials: { email: string; password: string }) {
    const idToken = (await session.idToken()) ?? "";
    const work = (async () => {
      await change(idToken);
      await open(post("/api/v1/session", credentials));
    })();
    refreshing = work.then(() => token, () => token).finally(() => {
      refreshing = null;
    });
    await work;
  },

  /** Fetches a new token now, with the account as it has become. */
  async renew() {
    await refresh(token?.idToken);
  },

  /** Ends the session here and in every tab, also when the server cannot be told. */
  async signOut() {
    await fetch(at("/api/v1/session" satisfies PathOf<"delete">), { method: "DELETE", credentials: "same-origin" }).catch(() => undefined);
    publish(null);
    set({ status: "signedOut" });
  },

  /** The server said that the token is void. */
  expire: () => publish(null),

  /** Does not wait for someone to sign in again. */
  giveUp: () => set({ status: "signedOut", ...("user" in state ? { was: state.user.id } : {}) }),
};

async function open(answer: Promise<Response>) {
  const response = await answer;
  if (!response.ok) throw await toApiError(response);
  publish(toToken((await response.json()) as Session));
}
