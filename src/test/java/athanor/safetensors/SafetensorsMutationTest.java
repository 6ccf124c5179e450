package athanor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.file.InputFile;
import athanor.tensor.TensorInfo;
import athanor.testkit.Mutation;
import athanor.testkit.OneFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Damaged safetensors files and indexes are read to their end, or refused with a message. */
@Tag("hostile")
class SafetensorsMutationTest {
  private static final OneFile FILE = OneFile.named("fuzzed.safetensors");
  private static final OneFile INDEX = OneFile.named("fuzzed.safetensors.index.json");

  @Test
  void damagedFilesAreRefusedOrRead() {
    Mutation.check("safetensors", HostileSafetensors.seeds(), 6000, SafetensorsMutationTest::read);
  }

  @Test
  void damagedIndexesAreRefusedOrRead() {
    Mutation.check(
        "indexes", HostileSafetensors.indexSeeds(), 6000, SafetensorsMutationTest::readIndex);
  }

  /** Reads a whole file; what is accepted must account for every byte of it. */
  static void read(byte[] content) {
    FILE.read(
        content,
        file -> {
          SafetensorsFile opened = SafetensorsFile.open(file);
          long bytes = opened.dataStart();
          for (TensorInfo tensor : opened.tensors()) {
            byte[] values = new byte[Math.toIntExact(tensor.byteSize())];
            opened.read(tensor, 0, MemorySegment.ofArray(values));
            bytes += values.length;
          }
          assertThat(bytes).isEqualTo(content.length);
        });
  }

  /** Opens an index whose files are missing; no name in it may lead out of the folder. */
  static void readIndex(byte[] content) {
    INDEX.read(
        content,
        file -> {
          Path folder = INDEX.path().getParent();
          try (ShardedSafetensors opened = ShardedSafetensors.open(file)) {
            List<InputFile> files = opened.files();
            assertThat(files).allMatch(part -> part.path().normalize().startsWith(folder));
          }
        });
  }
}
