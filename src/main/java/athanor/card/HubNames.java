package athanor.card;

import athanor.error.AthanorException;
import athanor.hub.Link;
import athanor.hub.RepoType;
import athanor.net.Url;
import athanor.recipe.InputOrigin;
import athanor.recipe.Provenance;
import java.util.Optional;

/** Where an input can be seen: its repository on the Hub, its page in a browser. */
final class HubNames {
  private static final String HUB = "https://huggingface.co/";

  private HubNames() {}

  /** The Hub's name of the repository that an input came from. */
  static Optional<String> repository(Provenance.Input input) {
    return link(input.origin())
        .flatMap(link ->
            switch (link) {
              case Link.HubFile file -> named(file.repo());
              case Link.HubRepo repo -> named(repo.repo());
              case Link.CivitaiModel _, Link.CivitaiVersion _, Link.Web _ -> Optional.empty();
            });
  }

  /** The Hub's name of the model that an input was made for, as its listing says. */
  static Optional<String> madeFor(Provenance.Input input) {
    return input.origin().baseModel().flatMap(HubNames::repositoryNamed);
  }

  /** The name, if the text has the form of one. */
  static Optional<String> repositoryNamed(String text) {
    try {
      return text.contains("/")
              && Link.parse("hf:" + text) instanceof Link.HubRepo found
              && found.repo().id().equals(text)
          ? named(found.repo())
          : Optional.empty();
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> named(Link.Repo repo) {
    return repo.type() == RepoType.MODEL && repo.id().contains("/")
        ? Optional.of(repo.id())
        : Optional.empty();
  }

  /** The address of the page that shows an input. */
  static Optional<String> page(Provenance.Input input) {
    return link(input.origin()).map(HubNames::page);
  }

  private static String page(Link link) {
    return switch (link) {
      case Link.HubFile file ->
          home(file.repo())
              + "/blob/"
              + Url.encode(file.revision())
              + "/"
              + Url.encodePath(file.path());
      case Link.HubRepo repo -> home(repo.repo());
      case Link.CivitaiModel model -> "https://civitai.com/models/" + model.modelId();
      case Link.CivitaiVersion version ->
          version.modelId().isPresent()
              ? "https://civitai.com/models/"
                  + version.modelId().getAsLong()
                  + "?modelVersionId="
                  + version.versionId()
              : "https://civitai.com/model-versions/" + version.versionId();
      case Link.Web web -> Url.parse(web.canonical()).toASCIIString();
    };
  }

  private static String home(Link.Repo repo) {
    return HUB + Url.encodePath(repo.type().prefix() + repo.id());
  }

  private static Optional<Link> link(InputOrigin origin) {
    try {
      return origin.link().or(origin::pinnedLink).map(Link::parse);
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }
}
