package athanor.safetensors;

import athanor.error.Problem;
import athanor.file.InputFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A parsed {@code *.safetensors.index.json}: which key is in which file. The format is that of
 * transformers and diffusers ({@code {"metadata": {"total_size": n}, "weight_map": {key: file}}}).
 *
 * @param weightMap file name by key, in index order
 * @param totalSize bytes of all tensors as the index claims; only a hint
 */
record ShardIndex(Map<String, String> weightMap, OptionalLong totalSize) {
  /** As huggingface_hub. */
  static final int MAX_BYTES = 10 << 20;

  static final int MAX_SHARDS = 1000;

  /** Reads and checks an index; the shards themselves are not looked at. */
  static ShardIndex read(InputFile file) {
    if (file.size() > MAX_BYTES) {
      throw bad(file, "the shard index is too large")
          .found(file.size() + " bytes")
          .expected(MAX_BYTES + " at most")
          .toException();
    }
    byte[] bytes = file.readBytes(0, (int) file.size());
    int invalid = HeaderText.firstInvalidByte(bytes);
    if (invalid >= 0) {
      throw bad(file, "the shard index is not UTF-8")
          .found("an invalid byte at " + invalid)
          .toException();
    }
    try (JsonParser json = StrictJson.parser(bytes)) {
      return new Reader(file, json).read();
    } catch (JacksonException e) {
      throw bad(file, "the shard index is not valid JSON")
          .found(SafetensorsHeader.shown(e.getOriginalMessage()))
          .toException(e);
    }
  }

  /** The files in the order of their names. */
  TreeSet<String> shardNames() {
    var names = new TreeSet<>(CodePointOrder.INSTANCE);
    names.addAll(weightMap.values());
    return names;
  }

  private static Problem bad(InputFile file, String what) {
    return Problem.badFile(what).at(file.name());
  }

  /** One pass over the tokens of an index. */
  private static final class Reader {
    private final InputFile file;
    private final JsonParser json;
    private final Map<String, String> weightMap = new LinkedHashMap<>();
    private final TreeSet<String> shards = new TreeSet<>();
    private OptionalLong totalSize = OptionalLong.empty();
    private boolean seen;

    Reader(InputFile file, JsonParser json) {
      this.file = file;
      this.json = json;
    }

    ShardIndex read() {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw bad(file, "the shard index is not a JSON object").toException();
      }
      for (String name = json.nextName(); name != null; name = json.nextName()) {
        json.nextToken();
        switch (name) {
          case "weight_map" -> readWeightMap();
          case "metadata" -> readMetadata();
          default -> json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw bad(file, "the shard index goes on after its JSON object").toException();
      }
      if (weightMap.isEmpty()) {
        throw bad(file, "the shard index has no weight_map, or an empty one").toException();
      }
      return new ShardIndex(weightMap, totalSize);
    }

    private void readWeightMap() {
      if (seen || json.currentToken() != JsonToken.START_OBJECT) {
        throw bad(file, "weight_map must be there once and be an object").toException();
      }
      seen = true;
      for (String key = json.nextName(); key != null; key = json.nextName()) {
        if (json.nextToken() != JsonToken.VALUE_STRING) {
          throw entry(key, "the shard of this key is not a text").toException();
        }
        String shard = json.getString();
        requireBareName(key, shard);
        if (weightMap.put(key, shard) != null) {
          throw entry(key, "the shard index names this key twice").toException();
        }
        shards.add(shard);
        if (shards.size() > MAX_SHARDS) {
          throw bad(file, "the shard index names too many files")
              .expected(MAX_SHARDS + " at most")
              .toException();
        }
      }
    }

    /** A shard lies beside the index, by the rules of every system, and is safetensors. */
    private void requireBareName(String key, String shard) {
      boolean plain = !shard.isEmpty() && !shard.startsWith(".") && shard.length() <= 255;
      for (int i = 0; i < shard.length() && plain; i++) {
        char c = shard.charAt(i);
        plain = c >= ' ' && "/\\:*?\"<>|\u007f".indexOf(c) < 0;
      }
      if (!plain || HeaderText.hasLoneSurrogate(shard)) {
        throw entry(key, "a shard must be a plain file name beside the index")
            .found(SafetensorsHeader.shown(shard))
            .toException();
      }
      if (!shard.endsWith(".safetensors")) {
        throw entry(key, "a shard of a safetensors index must be safetensors")
            .found(SafetensorsHeader.shown(shard))
            .expected("a name that ends in .safetensors")
            .toException();
      }
    }

    private void readMetadata() {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
        return;
      }
      for (String name = json.nextName(); name != null; name = json.nextName()) {
        json.nextToken();
        if (name.equals("total_size") && json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
          totalSize = wholeNumber();
        } else {
          json.skipChildren();
        }
      }
    }

    private OptionalLong wholeNumber() {
      try {
        return OptionalLong.of(json.getLongValue());
      } catch (JacksonException e) {
        return OptionalLong.empty();
      }
    }

    private Problem entry(String key, String what) {
      return bad(file, what).at(file.name() + ", " + SafetensorsHeader.shown(key));
    }
  }
}
