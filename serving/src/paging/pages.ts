// Pages of breakdowns. What stands behind a first page is kept for a while, presented, so that all pages are of one
// reading. Where it is not kept (another process, a restart, too much) the question is read again: that does while the
// views are the same, and in order of names whatever they are; else the cursor is gone, which says what to do.
import { randomUUID } from "node:crypto";
import { type Answer, type EpochMs, formatInstant, type ViewStore } from "@tandem/shared-logic";
import { tagOfTags } from "../answer/answer-tag.ts";
import { tooUncertain } from "../answer/check-demands.ts";
import type { Composed } from "../answer/compose.ts";
import { Lru } from "../lru.ts";
import { type PreparedMany, type Refused, refused } from "../prepared.ts";
import { checkShape, single } from "../query/parameters.ts";
import { BadQuery, type QueryParams, type QueryProblem } from "../query/problem.ts";
import type { Query } from "../query/query.ts";
import { questionKey } from "../question-key.ts";
import type { Seam } from "../read/seam.ts";
import {
  CURSOR_MS,
  type Cursor,
  groupMark,
  openCursor,
  questionMark,
  sealCursor,
  versionMark,
} from "./cursor.ts";
import { installationSecret } from "./installation-secret.ts";
import type { Listing } from "./listing.ts";
import { viewVersion } from "./view-version.ts";

/** A tenant has a share of its own, so that none can push out another's. */
const [TENANTS, POINTS] = [32, 40_000];
const AGAIN = "no cursor, for the first page";

export interface PageAsked {
  readonly text: string;
  readonly cursor: Cursor;
}

export interface PagesOptions {
  readonly views: Pick<ViewStore, "ledger" | "cas">;
  readonly dataset: string;
  /** Absent: the installation's own. */
  readonly secret?: string;
}

/** What is asked, by whom, and when its first page was. */
export interface Turning {
  readonly tenant: string;
  readonly name: string;
  readonly params: QueryParams;
  readonly at: EpochMs;
}

export class Pages {
  private readonly secret: () => Promise<string>;
  private readonly kept = new Lru<Lru<Listing>>(TENANTS);

  constructor({ views, dataset, secret }: PagesOptions) {
    this.secret =
      secret === undefined ? installationSecret(views, dataset) : () => Promise.resolve(secret);
  }

  /** Undefined: there is no cursor. */
  async asked(
    params: QueryParams,
    names: readonly string[],
    tenant: string,
    now: EpochMs,
  ): Promise<{ readonly ok: true; readonly page: PageAsked | undefined } | Refused> {
    if (params["cursor"] === undefined) return { ok: true, page: undefined };
    try {
      checkShape(params);
      const text = single(params, "cursor") ?? "";
      if (names.length !== 1)
        throw new BadQuery("cursor", "cursor beside one metric", `${names.length} metrics`, [
          "metrics=NAME",
          AGAIN,
        ]);
      const cursor = openCursor(await this.secret(), text);
      if (!cursor) throw new BadQuery("cursor", "next, whole, as an answer gave it", text, [AGAIN]);
      if (cursor.question !== markOf(params, names[0] ?? "", tenant))
        throw new BadQuery(
          "cursor",
          "the parameters that the page before was asked with",
          "next of another question",
          ["the same metric and parameters", AGAIN],
        );
      if (now - cursor.at > CURSOR_MS || cursor.at > now + CURSOR_MS)
        throw new BadQuery(
          "cursor",
          `a first page asked for within ${CURSOR_MS / 60_000} minutes`,
          `one of ${formatInstant(cursor.at)}`,
          [AGAIN],
        );
      return { ok: true, page: { text, cursor } };
    } catch (error) {
      if (error instanceof BadQuery) return refused(error.problem);
      throw error;
    }
  }

  /** The page where it is kept: nothing is read for it. */
  keptPage({ tenant, name, params }: Turning, page: PageAsked): PreparedMany | undefined {
    const { text, cursor } = page;
    const listing = this.kept.get(tenant)?.get(keyOf(cursor));
    if (!listing || groupMark(listing.names[cursor.skip - 1] ?? "") !== cursor.last)
      return undefined;
    const tag = tagOfTags(["kept", tenant, name, text]);
    return {
      ok: true,
      tag,
      now: cursor.at,
      answers: async () => {
        const answer = listing.page(cursor.skip);
        const uncertain = tooUncertain(listing.query, answer);
        if (uncertain) return refused(uncertain);
        const skip = cursor.skip + (listing.query.limit ?? 0);
        const { names } = listing;
        const next =
          skip < names.length ? { skip, last: groupMark(names[skip - 1] ?? "") } : undefined;
        const question = markOf(params, name, tenant);
        const told = await this.told(answer, next && { ...cursor, ...next, question });
        return { ok: true, answers: [told], tag };
      },
    };
  }

  /** What an answer says of the pages behind it; they are kept. */
  async turned(
    { tenant, name, params, at }: Turning,
    query: Query,
    seams: readonly Seam[],
    { answer, torn, shownUpTo, listing }: Composed,
  ): Promise<Answer> {
    if (!shownUpTo) return answer;
    // What a flush cut short cannot be read again.
    const version = torn ? versionMark(randomUUID()) : viewVersion(query, seams);
    const cursor = { at, question: markOf(params, name, tenant), version, ...shownUpTo };
    if (listing) this.shareOf(tenant).set(keyOf(cursor), listing);
    return this.told(answer, cursor);
  }

  private shareOf(tenant: string): Lru<Listing> {
    const known = this.kept.get(tenant);
    if (known) return known;
    const share = new Lru<Listing>(POINTS, (l) => l.points + l.names.length);
    this.kept.set(tenant, share);
    return share;
  }

  private async told(answer: Answer, next: Cursor | undefined): Promise<Answer> {
    return next ? { ...answer, next: sealCursor(await this.secret(), next) } : answer;
  }
}

/** Of a page that would have to be read again: whether it can be. */
export function gone(
  { cursor }: PageAsked,
  query: Query,
  seams: readonly Seam[],
): QueryProblem | undefined {
  if (query.order?.endsWith("name") || viewVersion(query, seams) === cursor.version)
    return undefined;
  return cursorGone(cursor);
}

export const cursorGone = ({ at }: Cursor): QueryProblem => ({
  code: "cursor_gone",
  parameter: "cursor",
  expected: `the views of the first page, of ${formatInstant(at)}`,
  got: "views that have changed since, and the page is not kept here",
  would_work: [
    AGAIN,
    "order=name, whose pages follow changes",
    "consistency=sealed, which changes by batch runs alone",
  ],
});

const keyOf = ({ at, question, version }: Cursor): string => `${at} ${question} ${version}`;

function markOf({ cursor: _, ...params }: QueryParams, name: string, tenant: string): string {
  return questionMark(questionKey(params, name, tenant));
}
