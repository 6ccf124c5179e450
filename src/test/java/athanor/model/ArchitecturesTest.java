package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.model.table.Section;
import athanor.testkit.Known;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchitecturesTest {

  @Test
  void messagesNameWhatCanBeMerged() {
    assertThat(Architectures.mergeable())
        .isEqualTo("SD 1.x, SD 2.x, SDXL, FLUX.1, Z-Image, Krea 2, Wan 2.x 14B or Qwen-Image");
    assertThat(
            Architectures.listed(
                one -> one.facts().vae().isPresent() && one.facts().vaeChannels() == 4, "and"))
        .isEqualTo("SD 1.x, SD 2.x and SDXL");
    assertThat(Architectures.listed(one -> one.equals(Known.SDXL), "or")).isEqualTo("SDXL");
    assertThat(Architectures.usualSizes()).isEqualTo("about 2 GB (SD 1.x) to 41 GB (Qwen-Image)");
  }

  @Test
  void idsAndLabelsAreUnique() {
    assertThat(Architectures.all()).extracting(Architecture::id).doesNotHaveDuplicates();
    assertThat(Architectures.all()).extracting(Architecture::label).doesNotHaveDuplicates();
    assertThat(Architectures.all())
        .allSatisfy(one -> assertThat(Architectures.byId(one.id())).containsSame(one));
    assertThat(Architectures.byId("none")).isEmpty();
  }

  @Test
  void whatIsListedAsMergeableIsMergeable() {
    assertThat(Architectures.all())
        .filteredOn(one -> one.facts().listedSize().isPresent())
        .isNotEmpty()
        .allMatch(Architecture::isMergeable);
  }

  @Test
  void kohyasOptionsMeanAnArchitecture() {
    assertThat(Architectures.claimedBy("--v2")).contains(Known.SD2);
    assertThat(Architectures.claimedBy("--sdxl")).contains(Known.SDXL);
    assertThat(Architectures.claimedBy("--flux")).isEmpty();
  }

  @Test
  void trainersVersionsAreKnownBothWays() {
    assertThat(Known.SD2.facts().baseVersion(true)).contains("sd_v2_v");
    assertThat(Known.SD2.facts().baseVersion(false)).contains("sd_v2");
    assertThat(Known.SDXL.facts().baseVersion(true)).contains("sdxl_base_v1-0");
    assertThat(Known.SDXL_REFINER.facts().mergedBaseVersion()).isEmpty();
    for (Architecture one : Architectures.all()) {
      one.facts()
          .mergedBaseVersion()
          .ifPresent(version ->
              assertThat(one.facts().saidBase()).as(one.id()).anyMatch(version::startsWith));
    }
  }

  @Test
  void aKeyThatNothingReadsIsAnError() {
    List<Section> sections = Section.read(ArchitecturesTest.class, "wrong-architecture.txt");

    assertThatThrownBy(() -> new ArchitectureFacts(sections.getFirst()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[misspelt]")
        .hasMessageContaining("lable");
  }
}
