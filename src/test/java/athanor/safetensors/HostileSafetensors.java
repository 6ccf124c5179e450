package athanor.safetensors;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The broken files of this package, for tests and fuzzing of everything that reads files. */
public final class HostileSafetensors {
  private HostileSafetensors() {}

  /** Every file of the catalogue that must be refused, by its row and what is odd about it. */
  public static Map<String, byte[]> refused() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (OddFiles.OddFile file : OddFiles.all()) {
      if (file.flaw().isPresent()) {
        files.put(file.toString(), file.bytes());
      }
    }
    return files;
  }

  /** One file of every row. */
  public static Map<String, byte[]> oneOfEveryRow() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    var rows = new HashSet<String>();
    refused()
        .forEach((what, bytes) -> {
          if (rows.add(what.substring(0, 3))) {
            files.put(what, bytes);
          }
        });
    return files;
  }

  /** Files to begin mutation with: sound ones and all of the catalogue that are small. */
  public static List<byte[]> seeds() {
    return OddFiles.all().stream()
        .map(OddFiles.OddFile::bytes)
        .filter(bytes -> bytes.length < 10_000)
        .toList();
  }

  /** Indexes of models in several files. */
  public static List<byte[]> indexSeeds() {
    return List.of(
            "{\"metadata\":{\"total_size\":16},\"weight_map\":{\"a\":\"one.safetensors\","
                + "\"b\":\"two.safetensors\"}}",
            "{\"weight_map\":{\"a\":\"../x.safetensors\"}}",
            "{\"weight_map\":{\"a\":\"a/../../x.safetensors\",\"b\":\"/etc/passwd\"}}",
            "{\"weight_map\":[\"a\"]}",
            "{\"weight_map\":{\"a\":null,\"b\":{},\"c\":3}}",
            "{\"weight_map\":{\"a\":\"one.safetensors\",\"a\":\"two.safetensors\"}}")
        .stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
