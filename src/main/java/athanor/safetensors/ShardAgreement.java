package athanor.safetensors;

import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether the files of a sharded model are those of its index, asked file by file as they are
 * opened. Each key is in the file that the index names for it and nowhere else, so the index, which
 * is small, bounds the tensors of all files together; and a bound on their headers together holds
 * before each is read. Thirty names for one file of 200,000 tensors end at the first. For one use.
 */
final class ShardAgreement {
  /** Bytes of all headers together: two million tensors. */
  static final long MAX_HEADER_BYTES = 64L << 20;

  private final InputFile index;
  private final ShardIndex content;
  private final Map<String, List<String>> keysByShard = new HashMap<>();
  private final Map<String, SafetensorsFile> agreed = new HashMap<>();
  private long headerBytes;

  ShardAgreement(InputFile index, ShardIndex content) {
    this.index = index;
    this.content = content;
    content
        .weightMap()
        .forEach(
            (key, shard) -> keysByShard.computeIfAbsent(shard, name -> new ArrayList<>()).add(key));
  }

  /**
   * Returns if the header of one more file may be read.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if those of all files so far exceed
   *     {@link #MAX_HEADER_BYTES}, or as {@link SafetensorsHeader#read} for its length
   */
  void requireRoomFor(InputFile shard) {
    headerBytes += SafetensorsHeader.readLength(shard);
    if (headerBytes > MAX_HEADER_BYTES) {
      throw Problem.badFile("the headers of this model's files are too long together")
          .at(index.name() + ", " + shard.name())
          .found("more than " + headerBytes + " bytes")
          .expected(MAX_HEADER_BYTES + " at most")
          .toException();
    }
  }

  /**
   * Returns if an open file holds what the index says, no more and no less.
   *
   * @param name what the index calls it
   * @throws athanor.error.AthanorException of kind BAD_FILE naming the first key in question
   */
  void require(String name, SafetensorsFile shard) {
    for (TensorInfo tensor : shard.tensors()) {
      String expected = content.weightMap().get(tensor.key());
      if (expected == null) {
        throw disagreement(tensor.key(), "the shard index does not name this tensor")
            .found("in " + name)
            .toException();
      }
      if (!expected.equals(name)) {
        SafetensorsFile other = agreed.get(expected);
        throw other == null
            ? disagreement(tensor.key(), "a tensor is not where the shard index says")
                .found("in " + name)
                .expected("in " + expected)
                .toException()
            : disagreement(tensor.key(), "a tensor is in two files")
                .found(expected + " and " + name)
                .toException();
      }
    }
    for (String key : keysByShard.getOrDefault(name, List.of())) {
      if (shard.find(key).isEmpty()) {
        throw disagreement(key, "a tensor is not where the shard index says")
            .found("no such tensor in " + name)
            .expected("in " + name)
            .toException();
      }
    }
    agreed.put(name, shard);
  }

  private Problem disagreement(String key, String what) {
    return Problem.badFile(what)
        .at(index.name() + ", " + SafetensorsHeader.shown(key))
        .help("the files are from different downloads: download all of them again");
  }
}
