package athanor.merge.metadata;

import athanor.error.Problem;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a result says of itself that neither its inputs nor the options hold: when it was made, and
 * its title. The clock is not asked, so that the same inputs give the same file whenever they are
 * merged.
 *
 * @param date when it was made, UTC, whole seconds; empty means the newest date among the inputs,
 *     and none if no input has one
 * @param title the title; empty means the name of the file
 */
public record Stamp(Optional<LocalDateTime> date, Optional<String> title) {
  /** The variable of the Reproducible Builds project: seconds since 1970 in UTC. */
  public static final String VARIABLE = "SOURCE_DATE_EPOCH";

  /** Everything from the inputs and the name of the output. */
  public static final Stamp OF_INPUTS = new Stamp(Optional.empty(), Optional.empty());

  /** 9999-12-31T23:59:59, the last second with a year of four digits. */
  private static final long LAST_SECOND = 253_402_300_799L;

  private static final int LAST_YEAR = 9999;

  /**
   * The date of {@link #VARIABLE} if it is set.
   *
   * @throws athanor.error.AthanorException of kind USAGE if that is no whole number of seconds from
   *     1970 to 9999
   */
  public static Stamp from(Map<String, String> environment) {
    String text = environment.getOrDefault(VARIABLE, "").strip();
    return text.isEmpty()
        ? OF_INPUTS
        : new Stamp(
            Optional.of(LocalDateTime.ofEpochSecond(seconds(text), 0, ZoneOffset.UTC)),
            Optional.empty());
  }

  private static long seconds(String text) {
    if (text.matches("[0-9]{1,12}") && Long.parseLong(text) <= LAST_SECOND) {
      return Long.parseLong(text);
    }
    throw Problem.usage("a variable is not a date")
        .at(VARIABLE)
        .found(text)
        .expected("seconds since 1970, such as 1704067200")
        .help("unset it: then results have the newest date of their inputs")
        .toException();
  }

  /** Date and title of another file, to make it again. */
  public static Stamp of(Map<String, String> metadata) {
    return new Stamp(
        date(metadata),
        Optional.ofNullable(metadata.get(Modelspec.TITLE)).filter(title -> !title.isBlank()));
  }

  /** The date to write into what is made from files with these metadata. */
  Optional<LocalDateTime> dateOf(Stream<Map<String, String>> inputs) {
    return date.or(
        () -> inputs.flatMap(metadata -> date(metadata).stream()).max(Comparator.naturalOrder()));
  }

  /** The title to write into a file. */
  public String titleOf(Path output) {
    return title.orElseGet(() -> Modelspec.titleOf(output));
  }

  private static Optional<LocalDateTime> date(Map<String, String> metadata) {
    String text = metadata.getOrDefault(Modelspec.DATE, "").strip();
    return parsed(text, LocalDateTime::parse)
        .or(() ->
            parsed(
                text,
                zoned ->
                    OffsetDateTime.parse(zoned)
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toLocalDateTime()))
        .or(() -> parsed(text, day -> LocalDate.parse(day).atStartOfDay()))
        .filter(date -> date.getYear() >= 0 && date.getYear() <= LAST_YEAR)
        .map(date -> date.truncatedTo(ChronoUnit.SECONDS));
  }

  private static Optional<LocalDateTime> parsed(String text, Function<String, LocalDateTime> form) {
    try {
      return Optional.of(form.apply(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
