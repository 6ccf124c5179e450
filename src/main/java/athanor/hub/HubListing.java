package athanor.hub;

import athanor.error.PrintableText;
import athanor.net.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads the listing of a Hugging Face repository ({@code /api/models/REPO/revision/REV}). */
final class HubListing {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final int LONGEST_PATH = 4096;

  private HubListing() {}

  static List<RemoteFile> files(Link.HubRepo link, Json json) {
    String commit =
        json.get("sha").text().filter(COMMIT.asMatchPredicate()).orElse(link.revision());
    Declared declared = declared(link.repo(), json);
    boolean closed = json.get("gated").text().isPresent() || json.get("gated").isTrue();
    List<RemoteFile> files = new ArrayList<>();
    for (Json sibling : json.get("siblings").items()) {
      String path = sibling.get("rfilename").text().orElse("");
      boolean inside = link.folder().isEmpty() || path.startsWith(link.folder() + "/");
      if (path.isEmpty() || !inside || path.contains("..") || path.length() > LONGEST_PATH) {
        continue;
      }
      files.add(
          file(
              new Link.HubFile(link.repo(), commit, path),
              sibling.get("size").size(),
              sha256(sibling),
              closed ? Access.UNKNOWN : Access.OPEN,
              declared,
              sibling.get("blobId").text().orElse("")));
    }
    return files;
  }

  private static Optional<String> sha256(Json sibling) {
    Json lfs = sibling.get("lfs");
    return lfs.get("sha256")
        .text()
        .or(() -> lfs.get("oid").text())
        .map(hash -> hash.toLowerCase(Locale.ROOT))
        .filter(hash -> hash.matches("[0-9a-f]{64}"));
  }

  static RemoteFile file(
      Link.HubFile pinned,
      OptionalLong size,
      Optional<String> sha256,
      Access access,
      Declared declared,
      String contentId) {
    String name = SafeName.of(pinned.path(), "download.bin");
    if (SafeName.isGeneric(name)) {
      String id = pinned.repo().id();
      name = SafeName.of(id.substring(id.indexOf('/') + 1) + "-" + name, name);
    }
    return new RemoteFile(
        Service.HUGGING_FACE,
        pinned,
        pinned.canonical(),
        PrintableText.line(pinned.repo().path() + "/" + pinned.path()),
        name,
        size,
        size.isPresent(),
        sha256,
        Optional.of(pinned.revision()),
        access,
        declared,
        pinned.canonical() + " " + contentId);
  }

  /** What is known without a listing. */
  static Declared named(Link.Repo repo) {
    return new Declared(
        Optional.of(repo.id()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        owner(repo));
  }

  private static Optional<String> owner(Link.Repo repo) {
    int slash = repo.id().indexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(repo.id().substring(0, slash));
  }

  private static Declared declared(Link.Repo repo, Json json) {
    List<String> tags =
        json.get("tags").items().stream().flatMap(tag -> tag.text().stream()).toList();
    Json card = json.get("cardData");
    Json base = card.get("base_model");
    Optional<String> baseModel =
        base.text()
            .or(() -> base.items().stream().findFirst().flatMap(Json::text))
            .or(() -> tagged(tags, "base_model:"));
    boolean lora = tags.stream().anyMatch(tag -> tag.equalsIgnoreCase("lora"));
    return new Declared(
        Optional.of(repo.id()),
        Optional.empty(),
        lora ? Optional.of("LORA") : Optional.empty(),
        baseModel.map(PrintableText::line),
        card.get("instance_prompt").text().map(PrintableText::line).stream().toList(),
        Optional.empty(),
        card.get("license").text().or(() -> tagged(tags, "license:")).map(PrintableText::line),
        json.get("author").text().map(PrintableText::line).or(() -> owner(repo)));
  }

  /** The value of the first tag with this lead; {@code base_model:adapter:X} also gives X. */
  private static Optional<String> tagged(List<String> tags, String lead) {
    return tags.stream()
        .filter(tag -> tag.startsWith(lead))
        .map(tag -> tag.substring(lead.length()))
        .map(value -> value.replaceFirst("^(adapter|finetune|merge|quantized):", ""))
        .findFirst();
  }
}
