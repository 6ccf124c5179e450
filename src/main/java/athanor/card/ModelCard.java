package athanor.card;

import athanor.hub.upload.RepoId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The text of a model card. */
public final class ModelCard {
  private static final String LICENSE = "license";

  private ModelCard() {}

  /** A new card. */
  public static String create(CardFacts facts, CardOptions options) {
    LicenseChoice license = LicenseChoice.of(facts, options);
    String title = options.repo().map(RepoId::name).orElseGet(facts::title);
    return new Readme(Optional.empty(), "# " + Markdown.text(title) + "\n", "\n")
        .withFrontMatter(FrontMatter.write(CardMetadata.of(facts, license)))
        .withSection(new CardSection(facts, options, license).text())
        .text();
  }

  /**
   * An existing card with what it lacks. Its front matter keeps its keys, their values and their
   * order; only a licence that {@code options} names replaces another one. Its body stays as it is,
   * except this program's own section, which stands between two marks and is made anew.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the front matter cannot be read, or
   *     the marks are not one pair
   */
  public static String update(String existing, CardFacts facts, CardOptions options) {
    Readme readme = Readme.of(existing);
    String yaml = readme.frontMatter().orElse("");
    Optional<String> said =
        Optional.ofNullable(FrontMatter.read(yaml).get(LICENSE)).map(Object::toString);
    LicenseChoice license = LicenseChoice.of(facts, options);
    if (options.license().isEmpty()) {
      license = license.unless(said);
    }
    Map<String, Object> wanted = CardMetadata.of(facts, license);
    Set<String> decided = options.license().isPresent() ? Set.of(LICENSE) : Set.of();
    return readme
        .withFrontMatter(FrontMatter.extended(yaml, wanted, decided))
        .withSection(new CardSection(facts, options, license).text())
        .text();
  }
}
