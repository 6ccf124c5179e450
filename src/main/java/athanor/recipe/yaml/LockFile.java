package athanor.recipe.yaml;

import athanor.error.Problem;
import athanor.file.Sha256;
import athanor.recipe.InputRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.RecipeLink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a recipe led to when it was run: the exact files behind its names and links, and the tensors
 * of its result. Kept beside the recipe, it makes later runs take the same files. Immutable.
 *
 * @param recipe which merge the result is of, see {@link #idOf}
 * @param inputs the files
 * @param tensors hash of the result's tensors, 64 hexadecimal digits
 */
public record LockFile(String recipe, List<Input> inputs, String tensors) {
  private static final String VERSION_KEY = "athanor_lock";

  /**
   * A file.
   *
   * @param text as the recipe names it
   * @param sha256 its hash
   * @param bytes its size
   * @param link a link to exactly this file, if that of the recipe may come to mean another
   */
  public record Input(String text, String sha256, long bytes, Optional<String> link) {}

  /** Copies the list. */
  public LockFile {
    inputs = List.copyOf(inputs);
  }

  /** A hash of everything in a request that decides the result, but for its inputs' hashes. */
  public static String idOf(MergeRequest request) {
    MergeRequest bare = request.withInputs(input -> new InputRequest(input.portable()));
    String yaml = new RecipeFile(bare, Optional.empty(), Optional.empty()).toYaml();
    return Sha256.of(yaml.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether it knows every input of a request, and the request demands no other hash. */
  public boolean fits(MergeRequest request) {
    return request.inputs().stream().allMatch(input -> find(input).isPresent());
  }

  /** Whether its result is that of this request. */
  public boolean isOf(MergeRequest request) {
    return recipe.equals(idOf(request)) && fits(request);
  }

  /** The request with the exact files of this lock, as far as it knows them. */
  public MergeRequest applyTo(MergeRequest request) {
    return request.withInputs(input -> find(input).map(known -> pin(input, known)).orElse(input));
  }

  private static InputRequest pin(InputRequest input, Input known) {
    String text = input.isLink() ? known.link().orElse(input.text()) : input.text();
    return new InputRequest(text, Optional.of(known.sha256()));
  }

  private Optional<Input> find(InputRequest input) {
    return inputs.stream()
        .filter(known -> known.text().equals(input.portable()))
        .filter(known -> input.sha256().isEmpty() || input.sha256().get().equals(known.sha256()))
        .findFirst();
  }

  /** This lock as YAML. */
  public String toYaml() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(VERSION_KEY, 1);
    fields.put("recipe", recipe);
    List<Object> list = new ArrayList<>();
    for (Input input : inputs) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("input", input.text());
      entry.put("sha256", input.sha256());
      entry.put("bytes", input.bytes());
      input.link().ifPresent(link -> entry.put("link", RecipeLink.portable(link)));
      list.add(entry);
    }
    fields.put("inputs", list);
    fields.put("tensors", tensors);
    return RecipeWriter.yaml(fields);
  }

  /**
   * Reads what {@link #toYaml} wrote.
   *
   * @param name what to call the file in messages
   * @throws athanor.error.AthanorException of kind BAD_FILE or USAGE as {@link RecipeFile#parse}
   */
  public static LockFile parse(byte[] yaml, String name) {
    YamlNode.Fields document = YamlDocument.read(yaml, name);
    var map =
        new YamlMap(document, "a lock file", List.of(VERSION_KEY, "recipe", "inputs", "tensors"));
    if (map.number(VERSION_KEY, "1").orElse(0) != 1) {
      throw malformed(VERSION_KEY + ": 1", map.place(VERSION_KEY));
    }
    List<Input> inputs = new ArrayList<>();
    YamlNode list = map.node("inputs").orElse(document);
    if (!(list instanceof YamlNode.Items items)) {
      throw malformed("a list of inputs", list.place().toString());
    }
    items.values().forEach(item -> inputs.add(input(item)));
    return new LockFile(hash(map, "recipe"), inputs, hash(map, "tensors"));
  }

  private static Input input(YamlNode node) {
    if (!(node instanceof YamlNode.Fields fields)) {
      throw malformed("an input", node.place().toString());
    }
    var map = new YamlMap(fields, "an input", List.of("input", "sha256", "bytes", "link"));
    return new Input(
        map.text("input", "a file name or link")
            .orElseThrow(() -> malformed("input: NAME", map.place("input"))),
        hash(map, "sha256"),
        (long) map.number("bytes", "a size").orElse(0),
        map.text("link", "a link").map(RecipeLink::portable));
  }

  private static String hash(YamlMap map, String key) {
    return map.hash(key).orElseThrow(() -> malformed(key + ": a SHA-256", map.place(key)));
  }

  private static RuntimeException malformed(String expected, String place) {
    return Problem.badFile("this is not a lock file as this program writes it")
        .at(place)
        .expected(expected)
        .help("delete it; athanor run writes it again")
        .toException();
  }
}
