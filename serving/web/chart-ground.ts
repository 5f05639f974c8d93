// What lies behind the lines: ranges without an answer, hatched and named, and the line that the sealed days end at.
import type uPlot from "uplot";
import type { Plot } from "./series.ts";

const STEP = 7;

export function groundOf(u: uPlot, plot: Plot, colour: (name: string) => string): void {
  const { ctx, bbox } = u;
  const { left, top, width, height } = bbox;
  const x = (s: number): number => Math.min(left + width, Math.max(left, u.valToPos(s, "x", true)));
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  const ratio = devicePixelRatio || 1;
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  for (const { from, until } of plot.missing) {
    const [a, b] = [x(from), x(until)];
    if (b > a) hatch(ctx, a, b, top, height, colour("--hatch"), ratio);
    ctx.fillStyle = colour("--muted");
    if (b - a > 60 * ratio) ctx.fillText("missing", a + 6 * ratio, top + 16 * ratio);
  }
  const first = plot.xs[0];
  if (plot.horizon !== undefined && first !== undefined && plot.horizon > first) {
    const at = x(plot.horizon);
    if (at < left + width) {
      ctx.strokeStyle = colour("--muted");
      ctx.lineWidth = ratio;
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(at, top);
      ctx.lineTo(at, top + height);
      ctx.stroke();
      ctx.fillStyle = colour("--muted");
      ctx.textAlign = "right";
      if (at - left > 60 * ratio) ctx.fillText("sealed", at - 6 * ratio, top + 12 * ratio);
      ctx.textAlign = "left";
      if (left + width - at > 40 * ratio) ctx.fillText("live", at + 6 * ratio, top + 12 * ratio);
    }
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  from: number,
  until: number,
  top: number,
  height: number,
  colour: string,
  ratio: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, top, until - from, height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  for (let at = from - height; at < until; at += STEP * ratio) {
    ctx.moveTo(at, top + height);
    ctx.lineTo(at + height, top);
  }
  ctx.stroke();
  ctx.restore();
}
