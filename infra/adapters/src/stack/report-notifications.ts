// What operators are told of copies that found no way to their topic: read at each scrape.
import { NOTIFICATION_KINDS, type Notifications, type Telemetry } from "@tandem/shared-logic";

export function reportNotifications(
  telemetry: Telemetry,
  { dropped }: Pick<Notifications, "dropped">,
): () => void {
  return telemetry.onScrape(() => {
    for (const kind of NOTIFICATION_KINDS)
      telemetry.total("notifications_dropped_total", dropped[kind], { kind });
  });
}
