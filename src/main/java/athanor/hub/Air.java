package athanor.hub;

import athanor.error.PrintableText;
import athanor.error.Problem;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * AIR names, {@code [urn:][air:]ecosystem:type:source:id[@version][+fileId][.format]}, as Civitai
 * shows them on its model pages. Only the sources Civitai and Hugging Face hold files for us.
 */
final class Air {
  private static final Pattern FORM =
      Pattern.compile(
          "(?i)(?:urn:)?(?:air:)?[\\w-]+:[\\w-]+:(?<source>[\\w-]+):(?<id>[\\w./-]+?)"
              + "(?:@(?<version>[\\w./-]+?))?(?:\\+(?<file>\\d+))?(?:\\.(?<format>[a-z]+))?");
  private static final Pattern PREFIXED = Pattern.compile("(?i)(urn:air:|air:).*");
  private static final Pattern BARE =
      Pattern.compile("(?i)[a-z0-9-]+:[a-z0-9-]+:(civitai|huggingface):[^/].*");

  private Air() {}

  static boolean looksLike(String text) {
    return PREFIXED.matcher(text).matches() || BARE.matcher(text).matches();
  }

  static Link parse(String text, HuggingFaceLinks huggingFace) {
    Matcher air = FORM.matcher(text);
    String source = air.matches() ? air.group("source").toLowerCase(Locale.ROOT) : "";
    return switch (source) {
      case "civitai" -> civitai(text, air);
      case "huggingface" -> huggingFace(air, huggingFace);
      case "" -> throw unreadable(text);
      default ->
          throw Problem.usage("this AIR name is of a source without downloads")
              .found(PrintableText.line(source))
              .expected("civitai or huggingface")
              .help("paste the address of the model's page instead")
              .toException();
    };
  }

  private static Link civitai(String text, Matcher air) {
    String version = air.group("version");
    if (!air.group("id").matches("\\d{1,10}")
        || (version != null && !version.matches("\\d{1,10}"))) {
      throw unreadable(text);
    }
    if (version == null || air.group("file") == null) {
      return CivitaiLinks.of(air.group("id"), Optional.ofNullable(version));
    }
    return new Link.CivitaiVersion(
        Long.parseLong(version),
        OptionalLong.of(Long.parseLong(air.group("id"))),
        new Link.Selection(Map.of("fileId", air.group("file"))),
        Optional.empty());
  }

  private static Link huggingFace(Matcher air, HuggingFaceLinks huggingFace) {
    String version = air.group("version");
    String format = air.group("format") == null ? "" : "." + air.group("format");
    if (version == null) {
      return huggingFace.shortForm("hf:" + air.group("id") + format);
    }
    boolean file = Weights.isName(version + format);
    return huggingFace.shortForm("hf:" + air.group("id") + (file ? "/" : "@") + version + format);
  }

  private static RuntimeException unreadable(String text) {
    return Problem.usage("not a readable AIR name")
        .found(PrintableText.line(text))
        .expected("urn:air:ecosystem:type:civitai:MODEL@VERSION")
        .toException();
  }
}
