package athanor.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.merge.method.RankLimits;
import athanor.merge.method.Recompression;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.testkit.Gen;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvenanceTest {
  private static final String HASH = RandomRequests.HASH;

  @Test
  void readsWhatItWrote() {
    Gen gen = Gen.seeded("provenance to JSON and back");
    for (int round = 0; round < 500; round++) {
      Provenance made = provenance(gen);
      assertThat(Provenance.parse(made.toJson())).contains(made);
    }
  }

  @Test
  void readsWhatTheFirstVersionWrote() {
    String json =
        """
        {"athanor":"0.1","loras":[{"name":"ink.safetensors","bytes":7,"header_sha256":"%s",\
        "ratio":0.4,"weights":{"te":0.5,"lbw":"OUTALL","lbw_elsewhere":0.0,"skip":["ff"]}}],\
        "precision":"fp16","save_precision":"bf16"}\
        """
            .formatted(HASH);

    Provenance read = Provenance.parse(json).orElseThrow();

    Provenance.Input lora = read.loras().getFirst();
    assertThat(read.method()).isEmpty();
    assertThat(read.options().precision()).isEqualTo(Precision.FP16);
    assertThat(read.options().savePrecision()).contains(Precision.BF16);
    assertThat(lora.headerSha256()).contains(HASH);
    assertThat(lora.strength().orElseThrow().partsText()).isEqualTo("te 0.5, lbw OUTALL, skip ff");
    assertThat(lora.origin()).isEqualTo(InputOrigin.UNKNOWN);
  }

  @Test
  void takesNothingThatLeadsOutOfAFolderOrHoldsASecret() {
    String json =
        """
        {"base":{"name":"../../etc/base.ckpt","bytes":-1,"sha256":"zz","header_sha256":7,
                 "link":"https://ann:hf_secret@example.com/base.ckpt?token=hf_secret&x=1",
                 "pinned_link":"file:///etc/passwd"},
         "loras":[{"name":"C:\\\\loras\\\\ink.pt","ratio":1e999},{"name":".."},{"name":"a/"},{"name":7}],
         "keep":2,"method":"svd","rank":-1,"precision":"double","save_precision":["fp16"]}
        """;

    Provenance read = Provenance.parse(json).orElseThrow();

    Provenance.Input base = read.base().orElseThrow();
    assertThat(base.name()).isEqualTo("base.ckpt");
    assertThat(base.bytes()).isZero();
    assertThat(base.headerSha256()).isEmpty();
    assertThat(base.origin().sha256()).isEmpty();
    assertThat(base.origin().link()).contains("https://example.com/base.ckpt");
    assertThat(base.origin().pinnedLink()).isEmpty();
    assertThat(read.loras().stream().map(Provenance.Input::name)).containsExactly("ink.pt", "7");
    assertThat(read.loras().getFirst().strength()).isEmpty();
    assertThat(read.method()).as("a method for LoRAs beside a base").isEmpty();
    var ofLoras = Provenance.parse(json.replace("\"base\":", "\"other\":")).orElseThrow();
    assertThat(((Recompression) ofLoras.method().orElseThrow()).limits())
        .isEqualTo(RankLimits.NONE);
    assertThat(read.options()).isEqualTo(MergeOptions.defaults());
    assertThat(read.toJson()).doesNotContain("secret", "etc", "loras\\\\");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "7", "[]", "{", "{}", "{\"loras\":{}}", "{\"loras\":[7]} x", "null", "\u0000"})
  void anythingElseIsNoRecipe(String json) {
    assertThat(Provenance.parse(json)).isEmpty();
  }

  @Test
  void deepAndLargeTextIsNoRecipe() {
    assertThat(Provenance.parse("[".repeat(100_000))).isEmpty();
    assertThat(Provenance.parse("{\"base\":{\"name\":\"a\"},\"x\":" + "[".repeat(5000))).isEmpty();
    assertThat(
            Provenance.parse("{\"base\":{\"name\":\"a\"},\"x\":\"" + "x".repeat(1 << 21) + "\"}"))
        .isEmpty();
  }

  private static Provenance provenance(Gen gen) {
    boolean checkpoint = gen.coin();
    return new Provenance(
        "1." + gen.between(0, 9),
        checkpoint ? Optional.of(input(gen, false)) : Optional.empty(),
        IntStream.range(0, checkpoint ? gen.between(0, 3) : 0)
            .mapToObj(i ->
                new Provenance.Mixed(
                    input(gen, true), RandomRequests.maybe(gen, input(gen, false))))
            .toList(),
        IntStream.range(0, gen.between(1, 4)).mapToObj(i -> input(gen, true)).toList(),
        RandomRequests.options(gen, true, true),
        checkpoint && gen.coin() ? Optional.of(input(gen, false)) : Optional.empty(),
        checkpoint && gen.coin(),
        checkpoint ? Optional.empty() : Optional.of(RandomRequests.loraMethod(gen)));
  }

  private static Provenance.Input input(Gen gen, boolean lora) {
    return new Provenance.Input(
        gen.oneOf("a.safetensors", "b \u00e9 \"q\".ckpt", "{x}.pt") + gen.between(0, 9),
        gen.anyLong() >>> 1,
        RandomRequests.maybe(gen, HASH),
        lora ? Optional.of(RandomRequests.strength(gen)) : Optional.empty(),
        new InputOrigin(
            RandomRequests.maybe(gen, HASH),
            RandomRequests.maybe(
                gen, gen.oneOf("hf:ann/model/x.safetensors", "https://civitai.com/models/12")),
            RandomRequests.maybe(gen, "https://civitai.com/api/download/models/34?fileId=5"),
            gen.coin() ? List.of("pixel art", "8bit") : List.of(),
            RandomRequests.maybe(gen, "ann"),
            RandomRequests.maybe(gen, "mit"),
            RandomRequests.maybe(gen, "SDXL 1.0")));
  }
}
