package athanor.recipe;

import java.util.List;
import java.util.Optional;

/**
 * What is known of an input beside its name and its structure: which bytes it has, where it can be
 * had again, and what its file and its listing say for people. Holds no token, no signed address
 * and no local path. Immutable.
 *
 * @param sha256 SHA-256 of the whole file, lower-case hexadecimal
 * @param link the link that it was given as, in canonical form
 * @param pinnedLink a link to exactly these bytes, with revision or version; empty if it would say
 *     no more than {@code link}
 * @param triggerWords words that call a LoRA's style, from its metadata or its listing
 * @param credit who made it, as its listing or its metadata says
 * @param license identifier of its licence, as its listing says
 * @param baseModel what it is made for, as its listing says: a repository, or Civitai's name such
 *     as {@code SDXL 1.0}
 * @param unusableLink what stands in the place of a link and leads nowhere: to be refused, never to
 *     be shown as a link
 */
public record InputOrigin(
    Optional<String> sha256,
    Optional<String> link,
    Optional<String> pinnedLink,
    List<String> triggerWords,
    Optional<String> credit,
    Optional<String> license,
    Optional<String> baseModel,
    Optional<String> unusableLink) {

  /** What is known where every link is one. */
  public InputOrigin(
      Optional<String> sha256,
      Optional<String> link,
      Optional<String> pinnedLink,
      List<String> triggerWords,
      Optional<String> credit,
      Optional<String> license,
      Optional<String> baseModel) {
    this(sha256, link, pinnedLink, triggerWords, credit, license, baseModel, Optional.empty());
  }

  /** Nothing is known. */
  public static final InputOrigin UNKNOWN =
      new InputOrigin(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** Copies the list. */
  public InputOrigin {
    triggerWords = List.copyOf(triggerWords);
  }

  /** A file of which only its hash is known. */
  public static InputOrigin ofHash(String sha256) {
    return UNKNOWN.withSha256(sha256);
  }

  /** The same with this hash. */
  public InputOrigin withSha256(String hash) {
    return new InputOrigin(
        Optional.of(hash),
        link,
        pinnedLink,
        triggerWords,
        credit,
        license,
        baseModel,
        unusableLink);
  }

  /** The same with what the file itself says; the listing's word for the credit counts first. */
  public InputOrigin with(List<String> words, Optional<String> author) {
    return new InputOrigin(
        sha256, link, pinnedLink, words, credit.or(() -> author), license, baseModel, unusableLink);
  }

  /** The link that leads to these bytes most surely. */
  public Optional<String> bestLink() {
    return pinnedLink.or(() -> link);
  }
}
