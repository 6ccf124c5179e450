package athanor.recipe;

import athanor.error.AthanorException;
import athanor.error.PrintableText;
import athanor.hub.Link;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.Method;
import athanor.merge.method.MethodList;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.ParameterType;
import athanor.merge.method.mix.MixMethods;
import athanor.net.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the JSON of a {@link Provenance}. A file's metadata can say anything, so nothing is taken
 * over that this program would not have written itself.
 */
final class ProvenanceReader {
  private static final int MOST_CHARACTERS = 1 << 20;
  static final int MOST_LORAS = 1000;
  private static final int MOST_WORDS = 100;
  private static final int LONGEST_NAME = 255;

  private ProvenanceReader() {}

  static Optional<Provenance> parse(String text) {
    if (text.length() > MOST_CHARACTERS) {
      return Optional.empty();
    }
    try {
      return read(Json.parse(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Provenance> read(Json json) {
    Optional<Provenance.Input> base = input(json.get("base"));
    List<Provenance.Input> loras =
        json.get("loras").items().stream()
            .limit(MOST_LORAS)
            .flatMap(lora -> input(lora).stream())
            .toList();
    List<Provenance.Mixed> mix =
        json.get("mix").items().stream()
            .limit(MOST_LORAS)
            .flatMap(mixed ->
                input(mixed).stream()
                    .map(model -> new Provenance.Mixed(model, input(mixed.get("minus")))))
            .toList();
    if (base.isEmpty() && loras.isEmpty()) {
      return Optional.empty();
    }
    var fields = new Fields(json);
    return Optional.of(
        new Provenance(
            line(json.get("athanor")).orElse(""),
            base,
            mix,
            loras,
            OptionsForm.read(fields, true),
            input(json.get("vae")),
            json.get("fixed_positions").isTrue(),
            base.isPresent()
                ? method(json, fields, MixMethods.LIST)
                : method(json, fields, LoraMethods.LIST)));
  }

  /** Settings that a user could not mean together are kept: an earlier version may have. */
  private static <M extends Method> Optional<Method> method(
      Json json, Fields fields, MethodList<M> methods) {
    return json.get(MethodForm.METHOD)
        .text()
        .flatMap(methods::named)
        .map(method -> method.method().apply(MethodForm.settings(fields, methods)));
  }

  /** A value of a JSON object; what is no value of its type counts as missing. */
  private static final class Fields implements ParameterSource {
    private final Json json;

    Fields(Json json) {
      this.json = json;
    }

    @Override
    public <T> Optional<T> value(MethodParameter<T> parameter) {
      Json field = json.get(parameter.key());
      ParameterType<T> type = parameter.type();
      return field
          .number()
          .flatMap(type::ofNumber)
          .or(() -> field.text().flatMap(type::ofWord))
          .or(() -> type.ofTruth(field.isTrue()));
    }
  }

  private static Optional<Provenance.Input> input(Json json) {
    return fileName(json.get("name"))
        .map(name ->
            new Provenance.Input(
                name,
                json.get("bytes").whole().filter(size -> size >= 0).orElse(0L),
                hash(json.get("header_sha256")),
                StrengthJson.read(json.get("ratio"), json.get("weights")),
                origin(json)));
  }

  private static Optional<String> fileName(Json json) {
    return json.text()
        .map(InputRequest::lastComponent)
        .filter(name -> !name.isBlank() && !name.equals(".") && !name.equals(".."))
        .filter(name -> name.length() <= LONGEST_NAME && name.indexOf('\0') < 0);
  }

  private static Optional<String> hash(Json json) {
    return json.text()
        .map(text -> text.toLowerCase(Locale.ROOT))
        .filter(text -> text.matches("[0-9a-f]{64}"));
  }

  private static InputOrigin origin(Json json) {
    return new InputOrigin(
        hash(json.get("sha256")),
        link(json.get("link")),
        link(json.get("pinned_link")),
        lines(json.get("trigger_words"), MOST_WORDS),
        line(json.get("credit")),
        line(json.get("license")),
        line(json.get("base_model")),
        unusable(json.get("link")).or(() -> unusable(json.get("pinned_link"))));
  }

  private static Optional<String> unusable(Json json) {
    return link(json).isPresent() ? Optional.empty() : line(json).filter(Link::looksLikeLink);
  }

  /** The canonical form, which holds no secrets; what is no link counts as missing. */
  private static Optional<String> link(Json json) {
    try {
      return json.text().filter(Link::looksLikeLink).map(text -> Link.parse(text).canonical());
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  static Optional<String> line(Json json) {
    return json.text().map(PrintableText::line).filter(text -> !text.isEmpty());
  }

  static List<String> lines(Json json, int most) {
    return json.items().stream().limit(most).flatMap(item -> line(item).stream()).toList();
  }
}
