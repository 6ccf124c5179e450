package athanor.job.session;

import athanor.error.Problem;
import athanor.hub.upload.Publication;
import athanor.hub.upload.UploadPermission;
import athanor.job.DeclaredCheck;
import athanor.job.JudgedInputs;
import athanor.job.LoraMergeReport;
import athanor.job.MergeForecast;
import athanor.job.MergeReport;
import athanor.job.MethodForecast;
import athanor.job.PreparedMerge;
import athanor.job.input.DownloadForecast;
import athanor.job.input.RemoteInput;
import java.nio.file.Path;
import java.util.List;

/** What a job tells while it is judged or run. */
public sealed interface JobEvent {
  /** When something is known. */
  enum Moment {
    /** Before anything is downloaded, from the structure of files that are elsewhere. */
    BEFORE_DOWNLOADS,
    /** From the files of which the result would be, or is being, made. */
    BEFORE_WORK
  }

  /** A stage begins. */
  record At(Stage stage) implements JobEvent {}

  /** Something worth knowing. */
  record Note(String text) implements JobEvent {}

  /** Something the user should know. */
  record Warning(String text) implements JobEvent {}

  /**
   * The inputs of a merge are judged: each LoRA fits or not.
   *
   * @param inputs open while this is heard, and only then
   * @param moment from what
   */
  record Judged(JudgedInputs inputs, Moment moment) implements JobEvent {}

  /**
   * The merge is planned, and there is room for its result.
   *
   * @param forecast what it takes
   * @param output where the result goes
   * @param moment from what
   */
  record Planned(MergeForecast forecast, Path output, Moment moment) implements JobEvent {}

  /**
   * Some inputs cannot be read yet, so that listings decide.
   *
   * @param check the verdict from what is declared
   * @param downloads what would be downloaded
   * @param reason why they cannot be read
   */
  record Declared(DeclaredCheck check, DownloadForecast downloads, Problem reason)
      implements JobEvent {}

  /** What each method would make of LoRAs that are merged into one. */
  record Methods(List<MethodForecast> forecasts) implements JobEvent {
    /** Copies the list. */
    public Methods {
      forecasts = List.copyOf(forecasts);
    }
  }

  /** What is to be downloaded, if there are links at all. */
  record Downloads(DownloadForecast forecast) implements JobEvent {}

  /** From now on this is left if the job is cancelled. */
  record Leaves(Leftover leftover) implements JobEvent {}

  /** An input that was given as a link is on this computer. */
  record Arrived(RemoteInput input) implements JobEvent {}

  /**
   * Work advances.
   *
   * @param activity a short phrase such as {@code merging}
   * @param bytes done of {@code totalBytes}
   * @param totalBytes 0 when unknown
   * @param items tensors or modules done of {@code totalItems}
   * @param totalItems 0 when unknown
   */
  record Advanced(String activity, long bytes, long totalBytes, int items, int totalItems)
      implements JobEvent {}

  /**
   * LoRAs are merged into a checkpoint, and the result has its name.
   *
   * @param inputs open while this is heard, and only then
   * @param report what was done
   */
  record Merged(PreparedMerge inputs, MergeReport report) implements JobEvent {}

  /** LoRAs are merged into one LoRA, and the result has its name. */
  record LoraMerged(LoraMergeReport report) implements JobEvent {}

  /** The result may be published. */
  record Permitted(UploadPermission permission) implements JobEvent {}

  /** What publishing would do. */
  record PublicationPlanned(Publication plan) implements JobEvent {}

  /** What publishing did. */
  record Published(Publication publication) implements JobEvent {}
}
