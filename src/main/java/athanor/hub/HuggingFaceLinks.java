package athanor.hub;

import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.net.Origin;
import athanor.net.Url;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Links of the Hugging Face Hub and its mirrors: {@code resolve}, {@code blob}, {@code raw} and
 * {@code tree} addresses, {@code hf:user/repo/file@rev}, {@code hf://user/repo@rev/file}.
 */
final class HuggingFaceLinks {
  private static final Set<String> HOSTS = Set.of("huggingface.co", "www.huggingface.co", "hf.co");
  private static final Set<String> MIRRORS = Set.of("hf-mirror.com", "www.hf-mirror.com");
  private static final Set<String> NOT_REPOS =
      Set.of(
          "api",
          "blog",
          "chat",
          "collections",
          "docs",
          "inference",
          "join",
          "learn",
          "login",
          "models",
          "organizations",
          "papers",
          "posts",
          "pricing",
          "settings",
          "tasks");
  private static final Pattern REPO_PART = Pattern.compile("\\w(?:[\\w.-]*\\w)?");
  private static final Pattern LONG_REVISION = Pattern.compile("refs/(?:pr|convert)/[^/]+");
  private static final String EXAMPLE = "hf:user/repo/file.safetensors";

  private final URI endpoint;

  HuggingFaceLinks(URI endpoint) {
    this.endpoint = endpoint;
  }

  /** The link, if the address belongs to the Hub or a mirror. */
  Optional<Link> parse(URI address) {
    Origin origin = Origin.of(address);
    boolean ours = HOSTS.contains(origin.host()) || origin.equals(Origin.of(endpoint));
    if (ours) {
      return Optional.of(address(address, Optional.empty()));
    }
    return MIRRORS.contains(origin.host())
        ? Optional.of(address(address, Optional.of(URI.create(origin.toString()))))
        : Optional.empty();
  }

  private Link address(URI address, Optional<URI> mirror) {
    List<String> parts = new ArrayList<>();
    String base = Origin.of(address).equals(Origin.of(endpoint)) ? Url.path(endpoint) : "/";
    String path = Url.path(address);
    String below =
        base.length() > 1 && path.startsWith(base) ? path.substring(base.length()) : path;
    for (String part : below.split("/")) {
      if (!part.isEmpty()) {
        parts.add(Url.decode(part));
      }
    }
    RepoType type = takeType(parts);
    if (parts.isEmpty() || NOT_REPOS.contains(parts.get(0))) {
      throw UnusableLinks.refusal(
          address,
          "a page of Hugging Face without a file",
          "paste the address of one file, or " + EXAMPLE);
    }
    int verb = verb(parts);
    if (verb < 0 && parts.size() == 1) {
      throw UnusableLinks.refusal(
          address, "the page of a user of Hugging Face", "paste the address of one of the models");
    }
    int idParts = verb == 1 ? 1 : 2;
    Link.Repo repo =
        new Link.Repo(type, checked(String.join("/", parts.subList(0, idParts))), mirror);
    if (verb < 0) {
      if (type == RepoType.SPACE) {
        throw UnusableLinks.refusal(
            address, "a Space, which is a program", "paste the address of the model it uses");
      }
      return new Link.HubRepo(repo, "main", "");
    }
    String action = parts.get(verb);
    if (parts.size() <= verb + 1 || action.equals("discussions")) {
      return new Link.HubRepo(repo, "main", "");
    }
    List<String> rest = parts.subList(verb + 1, parts.size());
    int revisionParts = revisionParts(rest);
    String revision = String.join("/", rest.subList(0, revisionParts));
    String file = String.join("/", rest.subList(revisionParts, rest.size()));
    return action.equals("tree") || file.isEmpty()
        ? new Link.HubRepo(repo, revision, file)
        : new Link.HubFile(repo, revision, checkedPath(file));
  }

  private static RepoType takeType(List<String> parts) {
    for (RepoType type : List.of(RepoType.DATASET, RepoType.SPACE)) {
      if (!parts.isEmpty() && type.prefix().equals(parts.get(0) + "/")) {
        parts.remove(0);
        return type;
      }
    }
    return RepoType.MODEL;
  }

  /** Where the verb of the address stands: second for old names without a user, else third. */
  private static int verb(List<String> parts) {
    Set<String> verbs =
        Set.of("resolve", "blob", "raw", "tree", "commit", "discussions", "commits");
    for (int at = 1; at <= 2 && at < parts.size(); at++) {
      if (verbs.contains(parts.get(at))) {
        boolean file = Set.of("resolve", "blob", "raw", "tree").contains(parts.get(at));
        if (file || at == 2) {
          return at;
        }
      }
    }
    return -1;
  }

  private static int revisionParts(List<String> rest) {
    boolean isLong =
        rest.size() >= 3 && LONG_REVISION.matcher(String.join("/", rest.subList(0, 3))).matches();
    return isLong ? 3 : 1;
  }

  /** {@code hf:[datasets/]user/repo[/file][@rev]} or {@code hf://user/repo[@rev]/file}. */
  Link shortForm(String text) {
    String body = text.substring(3).replaceFirst("^/+", "");
    List<String> parts = new ArrayList<>(List.of(body.split("/+")));
    RepoType type = takeType(parts);
    if (parts.size() < 2) {
      throw Problem.usage("this names no repository of Hugging Face")
          .found(PrintableText.line(text))
          .expected(EXAMPLE)
          .toException();
    }
    String name = parts.get(1);
    int at = name.indexOf('@');
    if (at > 0) {
      return withRevisionFirst(type, parts, at);
    }
    Link.Repo repo = new Link.Repo(type, checked(parts.get(0) + "/" + name), Optional.empty());
    String file = String.join("/", parts.subList(2, parts.size()));
    int revision = file.lastIndexOf('@');
    boolean partOfName = revision > 0 && Weights.isName(file.substring(revision));
    if (file.isEmpty()) {
      return new Link.HubRepo(repo, "main", "");
    }
    return revision > 0 && !partOfName
        ? new Link.HubFile(
            repo, file.substring(revision + 1), checkedPath(file.substring(0, revision)))
        : new Link.HubFile(repo, "main", checkedPath(file));
  }

  private Link withRevisionFirst(RepoType type, List<String> parts, int at) {
    String name = parts.get(1).substring(0, at);
    Link.Repo repo = new Link.Repo(type, checked(parts.get(0) + "/" + name), Optional.empty());
    List<String> rest = new ArrayList<>(parts.subList(1, parts.size()));
    rest.set(0, rest.get(0).substring(at + 1));
    int revisionParts = revisionParts(rest);
    String revision = String.join("/", rest.subList(0, revisionParts));
    String file = String.join("/", rest.subList(revisionParts, rest.size()));
    return file.isEmpty()
        ? new Link.HubRepo(repo, revision, "")
        : new Link.HubFile(repo, revision, checkedPath(file));
  }

  /** The rules of the Hub for names, so that no request is needed to refuse a wrong one. */
  static String checked(String id) {
    String[] parts = id.split("/", -1);
    boolean sound = parts.length <= 2 && id.length() <= 96 && !id.contains("--");
    for (String part : parts) {
      sound &= REPO_PART.matcher(part).matches() && !part.contains("..");
    }
    if (!sound || id.toLowerCase(Locale.ROOT).endsWith(".git")) {
      throw Problem.usage("not a name of a Hugging Face repository")
          .found(PrintableText.line(id))
          .expected("user/name")
          .toException();
    }
    return id;
  }

  private static String checkedPath(String path) {
    for (String segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals("..") || segment.equals(".")) {
        throw Problem.usage("not a path of a file in a repository")
            .found(PrintableText.line(path))
            .toException();
      }
    }
    return path;
  }
}
