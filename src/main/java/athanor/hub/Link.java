package athanor.hub;

import athanor.net.Credential;
import athanor.net.Secret;
import athanor.net.Url;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a text that a user pasted means, before anyone is asked about it. {@link #canonical} is a
 * short form without secrets that parses to the same link again, except that a plain address loses
 * its query, which may hold a signature.
 */
public sealed interface Link {

  /**
   * A repository of the Hugging Face Hub.
   *
   * @param type model, dataset or space
   * @param id {@code user/name}, or a bare name for some old ones
   * @param mirror the address of a mirror, if the link names one instead of the Hub
   */
  record Repo(RepoType type, String id, Optional<URI> mirror) {
    /** As in addresses: prefix and id. */
    String path() {
      return type.prefix() + id;
    }

    /** Whether {@code hf:} can say it: not for mirrors and old names without a user. */
    private boolean isShort() {
      return mirror.isEmpty() && id.contains("/");
    }

    private String form(String rest) {
      String path = path() + rest;
      return isShort()
          ? "hf:" + path
          : mirror.map(URI::toString).orElse("https://huggingface.co") + "/" + path;
    }
  }

  /**
   * A file of a Hugging Face repository.
   *
   * @param repo where it is
   * @param revision branch, tag or commit; {@code main} if the link names none
   * @param path inside the repository
   */
  record HubFile(Repo repo, String revision, String path) implements Link {
    /** The file of this name in the same folder and revision. */
    HubFile beside(String name) {
      return new HubFile(repo, revision, path.substring(0, path.lastIndexOf('/') + 1).concat(name));
    }

    @Override
    public String canonical() {
      return repo.isShort()
          ? repo.form("/" + path + (revision.equals("main") ? "" : "@" + revision))
          : repo.form("/resolve/" + Url.encode(revision) + "/" + Url.encodePath(path));
    }
  }

  /**
   * A Hugging Face repository, or a folder of it, in which one file has to be chosen.
   *
   * @param repo the repository
   * @param revision branch, tag or commit; {@code main} if the link names none
   * @param folder inside the repository, empty for all of it
   */
  record HubRepo(Repo repo, String revision, String folder) implements Link {
    @Override
    public String canonical() {
      if (repo.isShort() && folder.isEmpty()) {
        return repo.form(revision.equals("main") ? "" : "@" + revision);
      }
      String tree = repo.path() + "/tree/" + Url.encode(revision) + "/" + Url.encodePath(folder);
      return repo.mirror().map(URI::toString).orElse("https://huggingface.co") + "/" + tree;
    }
  }

  /**
   * A model of Civitai: its default version is meant.
   *
   * @param modelId number in the address of its page
   * @param selection parameters that choose among its files
   */
  record CivitaiModel(long modelId, Selection selection) implements Link {
    @Override
    public String canonical() {
      return "https://civitai.com/models/" + modelId + selection.query("?");
    }
  }

  /**
   * A version of a Civitai model.
   *
   * @param versionId number of the version
   * @param modelId number of the model, if the link names it
   * @param selection parameters that choose among its files
   * @param token a key that was part of the link; it is used and never shown
   */
  record CivitaiVersion(
      long versionId, OptionalLong modelId, Selection selection, Optional<Secret> token)
      implements Link {
    @Override
    public String canonical() {
      return "https://civitai.com/api/download/models/" + versionId + selection.query("?");
    }
  }

  /**
   * Which of a version's files is meant: {@code fileId}, or {@code type}, {@code format}, {@code
   * size}, {@code fp} with the values of Civitai's download links.
   *
   * @param parameters by name, in alphabetical order
   */
  record Selection(Map<String, String> parameters) {
    /** No choice: the file that Civitai marks as the version's primary one. */
    static final Selection NONE = new Selection(Map.of());

    /** Sorts and copies the parameters. */
    public Selection {
      parameters = java.util.Collections.unmodifiableMap(new TreeMap<>(parameters));
    }

    /** The parameters as a query string behind {@code lead}; empty if there are none. */
    String query(String lead) {
      var out = new StringBuilder();
      parameters.forEach((name, value) ->
          out.append(out.isEmpty() ? lead : "&")
              .append(name)
              .append('=')
              .append(Url.encode(value)));
      return out.toString();
    }
  }

  /**
   * A plain web address of a file.
   *
   * @param address without user, password and fragment
   * @param sha256 lower-case hex, if the user gave it as {@code #sha256=…}
   * @param login user and password that were part of the link, for its own origin only
   */
  record Web(URI address, Optional<String> sha256, Optional<Credential> login) implements Link {
    /** The address without its query, which may hold a signature or a key. */
    @Override
    public String canonical() {
      return Url.shown(address) + sha256.map(hash -> "#sha256=" + hash).orElse("");
    }
  }

  /** A short form without secrets, for messages and records. */
  String canonical();

  /**
   * What the text means.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is no link, or one that cannot lead
   *     to a file; the help says what to paste instead
   */
  static Link parse(String text) {
    return LinkParser.STANDARD.parse(text);
  }

  /**
   * Whether a command should take the text for a link rather than for a path: it has a scheme such
   * as {@code https:} or {@code hf:}, is an AIR name, or begins with the host of a model hub.
   */
  static boolean looksLikeLink(String text) {
    return LinkParser.looksLikeLink(text);
  }
}
