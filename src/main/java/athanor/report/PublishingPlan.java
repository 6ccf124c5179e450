package athanor.report;

import athanor.hub.upload.Publication;
import java.util.List;

/**
 * What an upload would do.
 *
 * @param repository such as {@code alice/mine}
 * @param files every file
 */
@LineName("push plan")
public record PublishingPlan(String repository, List<PublishedFile> files) implements Result {
  /** What was planned. */
  public static PublishingPlan of(Publication plan) {
    return new PublishingPlan(plan.repo().toString(), PublishedFile.of(plan));
  }
}
