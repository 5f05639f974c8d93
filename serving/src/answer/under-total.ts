// The groups of a breakdown and the total that is shown beside them: none has more than it. Each is estimated, or
// known, on its own, and so may be shown the other way round.
import {
  type GroupPoint,
  type WindowPoints,
  withinSuperset,
  withSubset,
} from "@tandem/shared-logic";

/** Totals that have what every group of their window has. */
export function withGroups(
  totals: readonly WindowPoints[],
  groups: readonly WindowPoints[],
): WindowPoints[] {
  return totals.map((window, i) => ({
    ...window,
    points: window.points.map((total): GroupPoint => {
      if (total.exact) return total;
      let { estimate } = total;
      for (const { estimate: own } of groups[i]?.points ?? []) estimate = withSubset(estimate, own);
      return { ...total, estimate };
    }),
  }));
}

/** Groups that have no more than the total of their window. */
export function underTotal(
  groups: readonly WindowPoints[],
  totals: readonly WindowPoints[],
): WindowPoints[] {
  return groups.map((window, i) => {
    const [total] = totals[i]?.points ?? [];
    if (!total) return window;
    const points = window.points.map((point): GroupPoint => {
      if (point.exact) return point;
      const estimate = withinSuperset(point.estimate, total.estimate);
      return estimate === point.estimate ? point : { ...point, estimate };
    });
    return { ...window, points };
  });
}
