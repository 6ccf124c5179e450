package athanor.hub;

import athanor.error.Kind;
import athanor.error.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Chooses among the files of a repository, and says what there is to choose from. */
final class Choice {
  private Choice() {}

  /** The weights of a repository: safetensors before other files; chosen if there is only one. */
  static Listing of(Link.HubRepo repo, List<RemoteFile> all) {
    List<RemoteFile> weights =
        ShardedModel.withoutShards(all).stream()
            .filter(file -> Weights.isName(path(file)) || ShardedModel.isIndex(file))
            .toList();
    List<RemoteFile> safe =
        weights.stream()
            .filter(file -> Weights.isSafetensors(path(file)) || ShardedModel.isIndex(file))
            .toList();
    List<RemoteFile> best = safe.isEmpty() ? weights : safe;
    Optional<RemoteFile> chosen =
        best.size() == 1 ? Optional.of(best.getFirst()) : Optional.empty();
    return new Listing(repo.canonical(), weights, chosen);
  }

  private static String path(RemoteFile file) {
    return file.link() instanceof Link.HubFile link ? link.path() : file.localName();
  }

  /** Which file was taken though there are others; empty if there are none. */
  static Optional<String> others(Listing listing, RemoteFile file) {
    if (listing.files().size() < 2) {
      return Optional.empty();
    }
    String others =
        listing.files().stream()
            .filter(each -> !each.equals(file))
            .map(each -> each.link().canonical())
            .collect(Collectors.joining(", "));
    return Optional.of(
        listing.title() + ": taking " + file.localName() + "; there is also " + others);
  }

  /** Why a listing does not tell which file is meant, with a link to each. */
  static Problem needed(Listing listing) {
    if (listing.files().isEmpty()) {
      return Problem.of(Kind.NETWORK, "there are no weights here")
          .at(listing.title())
          .expected("a .safetensors or .ckpt file");
    }
    String links =
        listing.files().stream()
            .map(file -> "\n  " + quoted(unpinned(file)) + size(file))
            .collect(Collectors.joining());
    return Problem.usage("this link names several files")
        .at(listing.title())
        .found(listing.files().size() + " files")
        .help("give the one you want:" + links);
  }

  /** A link for a person to paste: the branch instead of the long commit. */
  private static String unpinned(RemoteFile file) {
    return file.link() instanceof Link.HubFile link
        ? new Link.HubFile(link.repo(), "main", link.path()).canonical()
        : file.link().canonical();
  }

  private static String quoted(String link) {
    return link.contains(" ") ? "'" + link + "'" : link;
  }

  private static String size(RemoteFile file) {
    if (ShardedModel.isIndex(file)) {
      return "  (in several files)";
    }
    if (file.size().isEmpty()) {
      return "";
    }
    long bytes = file.size().getAsLong();
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "  (%,d kB)", bytes / 1000)
        : String.format(Locale.ROOT, "  (%,d MB)", bytes / 1_000_000);
  }
}
