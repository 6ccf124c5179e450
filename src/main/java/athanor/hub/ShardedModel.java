package athanor.hub;

import athanor.error.Problem;
import athanor.net.Url;
import athanor.safetensors.ShardedSafetensors;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Models in several safetensors files that an index joins: which links lead to the files. */
public final class ShardedModel {
  private static final String SUFFIX = ".safetensors.index.json";
  private static final Pattern SHARD = Pattern.compile("(.+)-\\d{5}-of-\\d{5}\\.safetensors");

  private ShardedModel() {}

  /** Whether a file is the index of such a model, by its name. */
  public static boolean isIndex(RemoteFile file) {
    return isIndex(file.localName());
  }

  static boolean isIndex(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(SUFFIX);
  }

  /**
   * A link to each file that an index names, by that name.
   *
   * @param index where the index came from
   * @param local the index on this computer
   * @throws athanor.error.AthanorException of kind BAD_FILE if the index is malformed, of kind
   *     USAGE if its link does not tell where the other files are
   */
  public static Map<String, Link> shards(RemoteFile index, Path local) {
    Map<String, Link> links = new LinkedHashMap<>();
    ShardedSafetensors.shardNames(local).forEach(name -> links.put(name, beside(index, name)));
    return links;
  }

  private static Link beside(RemoteFile index, String name) {
    return switch (index.link()) {
      case Link.HubFile file -> file.beside(name);
      case Link.Web(URI address, var _, var login) when address.getRawQuery() == null ->
          new Link.Web(address.resolve("./" + Url.encode(name)), Optional.empty(), login);
      default ->
          throw Problem.usage("this is only the index of a model in several files")
              .at(index.displayName())
              .found("it names " + name)
              .help("download all files into one folder, and give the index there")
              .toException();
    };
  }

  /** The files without those that belong to an index among them. */
  static List<RemoteFile> withoutShards(List<RemoteFile> files) {
    List<String> joined =
        files.stream()
            .flatMap(ShardedModel::path)
            .filter(ShardedModel::isIndex)
            .map(path -> path.substring(0, path.length() - SUFFIX.length()))
            .toList();
    return files.stream()
        .filter(file -> path(file).map(SHARD::matcher).noneMatch(shard -> isOf(shard, joined)))
        .toList();
  }

  private static Stream<String> path(RemoteFile file) {
    return file.link() instanceof Link.HubFile link ? Stream.of(link.path()) : Stream.empty();
  }

  private static boolean isOf(Matcher shard, List<String> joined) {
    return shard.matches() && joined.contains(shard.group(1));
  }
}
