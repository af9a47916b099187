import type { paths } from "./schema.gen";

export type Method = "get" | "post" | "put" | "patch" | "delete";
export type Path = keyof paths;

/** The paths for which the API document has a method. */
export type PathOf<M extends Method> = { [P in Path]: paths[P] extends Record<M, object> ? P : never }[Path];

/** The rest of a method's paths after such a prefix. */
export type Below<Start extends string, M extends Method> =
  PathOf<M> extends infer P ? (P extends `${Start}${infer Rest}` ? Rest : never) : never;

type Operation<P, M> = P extends Path ? (M extends keyof paths[P] ? paths[P][M] : never) : never;
type Json<T> = T extends { content: { "application/json": infer J } } ? J : never;

type Succeeded<P, M> =
  Operation<P, M> extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202)]> : never;

/** The response type of a successful call. */
export type Answer<P, M extends Method> = [Succeeded<P, M>] extends [never] ? undefined : Succeeded<P, M>;
/** The type of the request body; `never` for operations without a body. */
export type Body<P, M extends Method> =
  Operation<P, M> extends { requestBody?: infer R } ? Json<NonNullable<R>> : never;
/** The type of the query parameters; `never` for operations without query parameters. */
export type Search<P, M extends Method> =
  Operation<P, M> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;
/** The names in a path's braces. */
type Holes<P> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Holes<Rest> : never;

export type Fill<P> = Record<Holes<P>, string>;

export interface CommonOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Sends no token: for public endpoints. */
  anonymous?: boolean;
}

type FillOption<P> = [Holes<P>] extends [never] ? { path?: never } : { path: Fill<P> };
type QueryOption<Q> = [Q] extends [never] ? { query?: never } : { query?: { [K in keyof Q]?: Q[K] | null } };
type BodyOption<B> = [B] extends [never] ? { body?: never } : { body: B };

type Options<P, M extends Method> = CommonOptions &
  FillOption<P> &
  QueryOption<Search<P, M>> &
  BodyOption<Body<P, M>>;

type Rest<O> = Partial<O> extends O ? [options?: O] : [options: O];

/**
 * A method of the client. Its result type is the document's, or a type of `model` that the caller expects and that must
 * be compatible with it.
 */
export type Call<M extends Method> = <P extends PathOf<M>, T extends Answer<P, M>>(
  path: P,
  ...options: Rest<Options<P, M>>
) => Promise<T>;
