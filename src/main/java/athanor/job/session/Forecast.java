package athanor.job.session;

import athanor.job.input.DownloadForecast;
import java.util.OptionalLong;

/**
 * What a job would take.
 *
 * @param fits whether its inputs fit, as far as that is known; that they do not is said by an
 *     exception if it is certain, and here if their listings declare it
 * @param bytes of the result, if known
 * @param downloads what would be downloaded
 */
public record Forecast(boolean fits, OptionalLong bytes, DownloadForecast downloads) {}
