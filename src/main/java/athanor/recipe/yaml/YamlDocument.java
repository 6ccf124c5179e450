package athanor.recipe.yaml;

import athanor.error.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads one YAML document of plain values: scalars of the core schema, lists, maps with texts as
 * keys. No tags, anchors or aliases; depth and size are limited.
 */
final class YamlDocument {
  private static final int DEEPEST = 16;

  private final String name;
  private final Iterator<Event> events;
  private final ScalarResolver types = new CoreSchema().getScalarResolver();

  private YamlDocument(String name, Iterator<Event> events) {
    this.name = name;
    this.events = events;
  }

  /**
   * Reads a document whose top is a map.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is not such a document; of kind
   *     USAGE if a key is given twice
   */
  static YamlNode.Fields read(byte[] bytes, String name) {
    if (bytes.length > RecipeFile.MOST_BYTES) {
      throw Problem.badFile("this is too large for a recipe")
          .at(name)
          .found(bytes.length + " bytes")
          .expected("at most " + RecipeFile.MOST_BYTES)
          .toException();
    }
    var settings =
        LoadSettings.builder().setLabel(name).setCodePointLimit(RecipeFile.MOST_BYTES).build();
    try {
      var parser = new ParserImpl(settings, new StreamReader(settings, decode(bytes, name)));
      return new YamlDocument(name, parser).document();
    } catch (MarkedYamlEngineException e) {
      Problem problem =
          Problem.badFile("this is not valid YAML")
              .at(e.getProblemMark().map(mark -> place(name, mark).toString()).orElse(name));
      throw Optional.ofNullable(e.getProblem()).map(problem::found).orElse(problem).toException(e);
    } catch (YamlEngineException e) {
      throw Problem.badFile("this is not valid YAML")
          .at(name)
          .found(String.valueOf(e.getMessage()))
          .toException(e);
    }
  }

  private static String decode(byte[] bytes, String name) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw Problem.badFile("this is not text")
          .at(name)
          .expected("a recipe: YAML in UTF-8")
          .toException(e);
    }
  }

  private YamlNode.Fields document() {
    List<YamlNode> roots = new ArrayList<>();
    while (events.hasNext()) {
      Event event = events.next();
      if (event instanceof NodeEvent) {
        roots.add(node(event, 1));
      }
      if (roots.size() > 1) {
        throw Problem.badFile("a recipe is one YAML document, and there are several")
            .at(roots.getLast().place().toString())
            .help("keep one recipe in a file")
            .toException();
      }
    }
    if (!roots.isEmpty() && roots.getFirst() instanceof YamlNode.Fields map) {
      return map;
    }
    throw Problem.badFile("this is not a recipe")
        .at(name)
        .found(roots.isEmpty() ? "an empty file" : roots.getFirst().found())
        .expected("keys and values, beginning with " + RecipeFile.VERSION_KEY + ": 1")
        .toException();
  }

  private YamlNode node(Event event, int depth) {
    YamlNode.Place place = place(event);
    if (event instanceof AliasEvent || ((NodeEvent) event).getAnchor().isPresent()) {
      throw tooClever("anchors and aliases (& and *)", place).toException();
    }
    if (depth > DEEPEST) {
      throw Problem.badFile("this is nested too deeply for a recipe")
          .at(place.toString())
          .expected("at most " + DEEPEST + " levels")
          .toException();
    }
    if (event instanceof ScalarEvent scalar) {
      return scalar(scalar, place);
    }
    if (((CollectionStartEvent) event).getTag().isPresent()) {
      throw tooClever("tags (!)", place).toException();
    }
    return event.getEventId() == Event.ID.SequenceStart
        ? items(place, depth)
        : fields(place, depth);
  }

  private static Problem tooClever(String what, YamlNode.Place place) {
    return Problem.badFile(what + " have no place in a recipe")
        .at(place.toString())
        .help("write the value itself; put it in quotes if it begins with &, * or !");
  }

  private YamlNode.Scalar scalar(ScalarEvent event, YamlNode.Place place) {
    if (event.getTag().isPresent()) {
      throw tooClever("tags (!)", place).toException();
    }
    if (!event.isPlain()) {
      return new YamlNode.Scalar(place, YamlNode.Kind.TEXT, event.getValue());
    }
    Tag type = types.resolve(event.getValue(), true);
    return new YamlNode.Scalar(place, kind(type), event.getValue());
  }

  private static YamlNode.Kind kind(Tag type) {
    if (type.equals(Tag.INT) || type.equals(Tag.FLOAT)) {
      return YamlNode.Kind.NUMBER;
    }
    if (type.equals(Tag.BOOL)) {
      return YamlNode.Kind.TRUTH;
    }
    return type.equals(Tag.NULL) ? YamlNode.Kind.NOTHING : YamlNode.Kind.TEXT;
  }

  private YamlNode.Items items(YamlNode.Place place, int depth) {
    List<YamlNode> values = new ArrayList<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      values.add(node(event, depth + 1));
    }
    return new YamlNode.Items(place, List.copyOf(values));
  }

  private YamlNode.Fields fields(YamlNode.Place place, int depth) {
    Map<String, YamlNode.Field> values = new LinkedHashMap<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      YamlNode key = node(event, depth + 1);
      if (!(key instanceof YamlNode.Scalar scalar)) {
        throw Problem.badFile("a key must be a word")
            .at(key.place().toString())
            .found(key.found())
            .toException();
      }
      var field = new YamlNode.Field(key.place(), node(events.next(), depth + 1));
      YamlNode.Field earlier = values.putIfAbsent(scalar.value(), field);
      if (earlier != null) {
        throw Problem.usage("a key is given twice")
            .at(field.place().toString())
            .found(scalar.value() + ", also in line " + earlier.place().line())
            .expected("one value")
            .toException();
      }
    }
    return new YamlNode.Fields(place, values);
  }

  private YamlNode.Place place(Event event) {
    return event
        .getStartMark()
        .map(mark -> place(name, mark))
        .orElse(new YamlNode.Place(name, 1, 1));
  }

  private static YamlNode.Place place(String name, Mark mark) {
    return new YamlNode.Place(name, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
