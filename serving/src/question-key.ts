// A question as text: equal texts ask the same of the same tenant.
import type { QueryParams } from "./query/problem.ts";

export const questionKey = (params: QueryParams, metric: string, tenant: string): string =>
  JSON.stringify([
    tenant,
    metric,
    Object.keys(params)
      .sort()
      .map((k) => [k, [params[k]].flat()]),
  ]);

/** Of several metrics; `pages`: with how a cut breakdown goes on. */
export const questionsKey = (
  params: QueryParams,
  metrics: readonly string[],
  tenant: string,
  pages: boolean,
): string => questionKey(params, metrics.join(), tenant) + (pages ? "" : " unpaged");
