package athanor.hub;

import athanor.error.Kind;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.net.Json;
import athanor.net.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a version of a Civitai model and chooses among its files: by the link's parameters, else
 * the safetensors file that is marked as primary.
 */
final class CivitaiListing {
  private static final double LARGEST_KILOBYTES = 1L << 43;

  private CivitaiListing() {}

  /** A file of the listing with what chooses it. */
  private record Candidate(RemoteFile file, Json json) {
    boolean is(String key, String value) {
      Json field =
          switch (key) {
            case "fileId" -> json.get("id");
            case "type" -> json.get("type");
            default -> json.get("metadata").get(key);
          };
      return field.text().map(text -> text.equalsIgnoreCase(value)).orElse(false);
    }

    boolean isModel() {
      return is("type", "Model") || is("type", "Pruned Model");
    }

    boolean isPrimary() {
      return json.get("primary").isTrue();
    }
  }

  static Listing of(Json model, Json version, Link.Selection selection, Optional<Secret> token) {
    String name = PrintableText.line(model.get("name").text().orElse("Civitai model"));
    String title = (name + " " + PrintableText.line(version.get("name").text().orElse(""))).strip();
    long versionId = version.get("id").whole().orElse(-1L);
    refuseUnavailable(model, version, title);
    List<Candidate> candidates = new ArrayList<>();
    for (Json file : version.get("files").items()) {
      candidates.add(new Candidate(file(model, version, versionId, file, token), file));
    }
    if (candidates.isEmpty() || versionId < 0) {
      throw Problem.of(Kind.NETWORK, "this version has no files to download")
          .at(title)
          .help("open the model's page and choose another version")
          .toException();
    }
    List<Candidate> fitting = fitting(candidates, selection, title);
    return new Listing(title, fitting.stream().map(Candidate::file).toList(), choose(fitting));
  }

  private static void refuseUnavailable(Json model, Json version, String title) {
    String mode = model.get("mode").text().orElse("");
    if (mode.equals("Archived") || mode.equals("TakenDown")) {
      throw Problem.of(Kind.NETWORK, "the model was archived or taken down")
          .at(title)
          .found(mode)
          .help("look for another source of the model")
          .toException();
    }
    String usage = version.get("usageControl").text().orElse("Download");
    if (!usage.equals("Download")) {
      throw Problem.of(Kind.NETWORK, "its creator offers this model only on the site itself")
          .at(title)
          .found(PrintableText.line(usage))
          .help("choose another model; this one cannot be downloaded")
          .toException();
    }
  }

  private static List<Candidate> fitting(
      List<Candidate> candidates, Link.Selection selection, String title) {
    List<Candidate> fitting =
        candidates.stream()
            .filter(each ->
                selection.parameters().entrySet().stream()
                    .allMatch(wish -> each.is(wish.getKey(), wish.getValue())))
            .toList();
    if (fitting.isEmpty()) {
      throw Problem.usage("no file of this version is of that kind")
          .at(title)
          .found(selection.query(""))
          .help(
              "it has: "
                  + String.join(", ", candidates.stream().map(CivitaiListing::describe).toList()))
          .toException();
    }
    List<Candidate> models = fitting.stream().filter(Candidate::isModel).toList();
    return models.isEmpty() ? fitting : models;
  }

  private static Optional<RemoteFile> choose(List<Candidate> fitting) {
    List<Candidate> safe = fitting.stream().filter(c -> c.is("format", "SafeTensor")).toList();
    List<Candidate> best = safe.isEmpty() ? fitting : safe;
    return best.size() == 1
        ? Optional.of(best.getFirst().file())
        : best.stream().filter(Candidate::isPrimary).map(Candidate::file).findFirst();
  }

  private static String describe(Candidate candidate) {
    Json json = candidate.json();
    return "fileId="
        + json.get("id").text().orElse("?")
        + " ("
        + PrintableText.line(json.get("name").text().orElse("?"))
        + ")";
  }

  private static RemoteFile file(
      Json model, Json version, long versionId, Json file, Optional<Secret> token) {
    long fileId = file.get("id").whole().orElse(-1L);
    Optional<Long> modelId = version.get("modelId").whole().or(() -> model.get("id").whole());
    var selection =
        fileId < 0
            ? Link.Selection.NONE
            : new Link.Selection(Map.of("fileId", Long.toString(fileId)));
    var link =
        new Link.CivitaiVersion(
            versionId,
            modelId.map(OptionalLong::of).orElse(OptionalLong.empty()),
            selection,
            token);
    String name = file.get("name").text().orElse("");
    Optional<Double> kilobytes = file.get("sizeKB").number();
    return new RemoteFile(
        Service.CIVITAI,
        link,
        link.canonical(),
        PrintableText.line(
            model.get("name").text().orElse("Civitai model " + versionId) + " (" + name + ")"),
        localName(name, versionId, fileId, version),
        kilobytes
            .filter(size -> size >= 0 && size < LARGEST_KILOBYTES)
            .map(size -> OptionalLong.of(Math.round(size * 1024)))
            .orElse(OptionalLong.empty()),
        false,
        sha256(file),
        Optional.of(Long.toString(versionId)),
        Access.UNKNOWN,
        declared(model, version, file),
        link.canonical());
  }

  private static String localName(String name, long versionId, long fileId, Json version) {
    String safe = SafeName.of(name, "civitai-" + versionId + ".safetensors");
    long sameName =
        version.get("files").items().stream()
            .filter(other -> other.get("name").text().equals(Optional.of(name)))
            .count();
    if (sameName > 1) {
      return SafeName.with(safe, Long.toString(fileId));
    }
    return SafeName.isGeneric(safe) ? SafeName.with(safe, Long.toString(versionId)) : safe;
  }

  private static Optional<String> sha256(Json file) {
    return file.get("hashes")
        .get("SHA256")
        .text()
        .map(hash -> hash.toLowerCase(Locale.ROOT))
        .filter(hash -> hash.matches("[0-9a-f]{64}"));
  }

  private static Declared declared(Json model, Json version, Json file) {
    return new Declared(
        model.get("name").text().map(PrintableText::line),
        version.get("name").text().map(PrintableText::line),
        model.get("type").text().map(PrintableText::line),
        version.get("baseModel").text().map(PrintableText::line),
        version.get("trainedWords").items().stream()
            .flatMap(word -> word.text().stream())
            .map(PrintableText::line)
            .toList(),
        file.get("metadata").get("fp").text().map(PrintableText::line),
        Optional.empty(),
        model.get("creator").get("username").text().map(PrintableText::line));
  }
}
