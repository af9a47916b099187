import type { Below, Body, PathOf } from "@/lib/api/contract";
import { networkError, toApiError } from "@/lib/api/errors";
import type { Session, User } from "@/lib/api/model";
import { readJson } from "@/lib/format/exact-json";
import { at } from "@/lib/http/base";
import { createStore } from "../store";

/**
 * `unknown` until the cookie has been tried once. `expired` if the session ended while someone was signed in: requests
 * wait until they sign in again or give up. `was` is the id of the user who gave up.
 */
export type SessionState =
  | { status: "unknown" }
  | { status: "signedOut"; was?: string }
  | { status: "signedIn"; user: User }
  | { status: "expired"; user: User };

interface Token {
  idToken: string;
  expiresAt: number;
  user: User;
}

/** Refreshes this long before the token expires. */
const MARGIN_MS = 60_000;
const LOCK = "jet-session";

let token: Token | null = null;
const current = createStore<SessionState>({ status: "unknown" });
let refreshing: Promise<Token | null> | null = null;
/** Notifies the other tabs of new tokens and of sign-out; the token itself is only kept in memory. */
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(LOCK);

channel?.addEventListener("message", ({ data }: MessageEvent<Token | null>) => accept(data));

function accept(next: Token | null) {
  token = next;
  current.set(next ? { status: "signedIn", user: next.user } : ended());
}

/** The rest of the session: the user's id, if someone was signed in. */
function ended(): SessionState {
  const state = current.get();
  return "user" in state ? { status: "expired", user: state.user } : { status: "signedOut" };
}

/** Resolves to a token once the same user has signed in again; to null if they do not, or if someone else does. */
function resumed(): Promise<string | null> {
  const before = current.get();
  if (before.status !== "expired") return Promise.resolve(null);
  const { id } = before.user;
  return new Promise((resolve) => {
    const leave = session.subscribe(() => {
      const state = current.get();
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

async function post<P extends `/api/v1/session${Below<"/api/v1/session", "post">}`>(
  path: P,
  body?: Body<P, "post">,
): Promise<Response> {
  const json = body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {};
  return fetch(at(path), { method: "POST", credentials: "same-origin", ...json }).catch((cause: unknown) => {
    throw networkError(cause);
  });
}

function toToken(session: Session): Token {
  return { idToken: session.idToken, expiresAt: Date.now() + session.expiresIn * 1000, user: session.user };
}

const isFresh = (candidate: Token | null): candidate is Token =>
  candidate !== null && candidate.expiresAt - Date.now() > MARGIN_MS;

async function refreshLocked(stale: string | undefined): Promise<Token | null> {
  // Another tab may have refreshed while this one waited for the lock.
  if (isFresh(token) && token.idToken !== stale) return token;
  const response = await post("/api/v1/session/refresh");
  if (response.status === 401) {
    publish(null);
    return null;
  }
  if (!response.ok) throw await toApiError(response);
  publish(toToken((await readJson(response)) as Session));
  return token;
}

/** Exchanges the cookie for a new token: one request at a time, in this tab and across tabs. */
function refresh(stale: string | undefined): Promise<Token | null> {
  refreshing ??= exclusively(() => refreshLocked(stale)).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Web Locks are missing outside of secure contexts (plain http on a LAN address): tabs may race there. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined | null;
  return locks ? await locks.request(LOCK, work) : await work();
}

export const session = {
  getState: current.get,
  subscribe: current.subscribe,

  /**
   * Returns a valid token, or null when signed out; waits while an expired session may resume. `stale` is a token that
   * the server rejected.
   */
  async idToken(stale?: string): Promise<string | null> {
    const { status } = current.get();
    if (status === "signedOut") return null;
    if (status === "expired") return resumed();
    if (isFresh(token) && token.idToken !== stale) return token.idToken;
    return (await refresh(stale))?.idToken ?? resumed();
  },

  async signIn(credentials: { email: string; password: string }) {
    await open(post("/api/v1/session", credentials));
  },

  /** `invitationToken` is the secret of an invitation link, if sign-up requires one. */
  async signUp(account: { email: string; password: string; name: string; invitationToken?: string }) {
    await open(post("/api/v1/session/sign-up", account));
  },

  /**
   * Makes a change that ends the account's sessions including this one, then starts a new one: requests in the meantime
   * wait for it.
   */
  async renewAfter(
    change: (idToken: string) => Promise<unknown>,
    credentials: { email: string; password: string },
  ) {
    const idToken = (await session.idToken()) ?? "";
    const work = (async () => {
      await change(idToken);
      await open(post("/api/v1/session", credentials));
    })();
    refreshing = work
      .then(
        () => token,
        () => token,
      )
      .finally(() => {
        refreshing = null;
      });
    await work;
  },

  /** Fetches a new token now, with the updated account. */
  async renew() {
    await refresh(token?.idToken);
  },

  /** Ends the session here and in every tab, also if the server cannot be reached. */
  async signOut() {
    await fetch(at("/api/v1/session" satisfies PathOf<"delete">), {
      method: "DELETE",
      credentials: "same-origin",
    }).catch(() => undefined);
    publish(null);
    current.set({ status: "signedOut" });
  },

  /** The server rejected the token. */
  expire: () => publish(null),

  /** Does not wait for a new sign-in. */
  giveUp() {
    const state = current.get();
    current.set({ status: "signedOut", ...("user" in state ? { was: state.user.id } : {}) });
  },
};

async function open(answer: Promise<Response>) {
  const response = await answer;
  if (!response.ok) throw await toApiError(response);
  publish(toToken((await readJson(response)) as Session));
}
