package athanor.hub;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OwnerOnly;
import athanor.net.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * The user's tokens: from the environment, else stored by this program, else, for Hugging Face,
 * stored by its own tools. Stored tokens are files that only their owner can read, in a folder that
 * only its owner can enter.
 */
public final class Credentials {
  private static final List<String> HUGGING_FACE = List.of("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
  private static final List<String> CIVITAI =
      List.of("CIVITAI_TOKEN", "CIVITAI_API_KEY", "CIVITAI_API_TOKEN");

  private final HubSettings settings;

  Credentials(HubSettings settings) {
    this.settings = settings;
  }

  /**
   * A token and where it came from.
   *
   * @param secret the token
   * @param source a variable or a file, for messages
   * @param stored whether this program stored it
   */
  public record Token(Secret secret, String source, boolean stored) {}

  /**
   * The token for a service, if there is one.
   *
   * @throws athanor.error.AthanorException of kind USAGE if there is one that cannot be a token;
   *     the message names the variable or file, not the value
   */
  public Optional<Token> token(Service service) {
    for (String variable : variables(service)) {
      String value = settings.environment().getOrDefault(variable, "");
      if (!value.isBlank()) {
        return Optional.of(token(value, variable, false));
      }
    }
    Optional<Token> stored = fromFile(path(service), true);
    return stored.isPresent() || service != Service.HUGGING_FACE
        ? stored
        : fromFile(settings.huggingFaceToken(), false);
  }

  /** The variables that can hold the token of a service, the first one preferred. */
  public static List<String> variables(Service service) {
    return switch (service) {
      case HUGGING_FACE -> HUGGING_FACE;
      case CIVITAI -> CIVITAI;
      case WEB -> List.of();
    };
  }

  private static Token token(String value, String source, boolean stored) {
    try {
      return new Token(Secret.of(value), source, stored);
    } catch (AthanorException e) {
      throw Problem.usage(e.problem().what()).at(source).toException();
    }
  }

  private static Optional<Token> fromFile(Path file, boolean stored) {
    try {
      String text = Files.readString(file, StandardCharsets.UTF_8);
      return text.isBlank() ? Optional.empty() : Optional.of(token(text, file.toString(), stored));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Stores the token of a service, replacing an older one.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES if it cannot be stored
   */
  public void store(Service service, Secret token) {
    Path file = path(service);
    Path folder = settings.config();
    try {
      OwnerOnly.createFolder(folder);
      Path fresh = Files.createTempFile(folder, ".token", null, OwnerOnly.file());
      try {
        Files.writeString(fresh, token.reveal() + "\n");
        Files.move(
            fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException e) {
      throw Problem.of(Kind.RESOURCES, "the token cannot be stored")
          .at(file.toString())
          .help("check the folder, or set " + variables(service).getFirst() + " instead")
          .toException(e);
    }
  }

  /**
   * Removes the stored token of a service; tokens of the environment and of other tools stay.
   *
   * @return whether there was one
   * @throws athanor.error.AthanorException of kind RESOURCES if it cannot be removed
   */
  public boolean remove(Service service) {
    try {
      return Files.deleteIfExists(path(service));
    } catch (IOException e) {
      throw Problem.of(Kind.RESOURCES, "the token cannot be removed")
          .at(path(service).toString())
          .toException(e);
    }
  }

  /** Where the token of a service is stored. */
  public Path path(Service service) {
    return settings.config().resolve(service.id() + "-token");
  }
}
