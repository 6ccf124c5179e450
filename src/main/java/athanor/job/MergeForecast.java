package athanor.job;

/** What a merge would take, planned and not written. */
public sealed interface MergeForecast permits MergeRun.Forecast, LoraMergeRun.Forecast {
  /** Size of the result in bytes. */
  long bytes();

  /** Free bytes on the disk where it would go. */
  long freeBytes();

  /** Memory in bytes that the merge needs at most. */
  long memoryBytes();
}
