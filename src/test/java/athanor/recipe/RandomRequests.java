package athanor.recipe;

import athanor.hub.upload.RepoId;
import athanor.hub.upload.Visibility;
import athanor.merge.lora.LoraFormat;
import athanor.merge.method.Concatenation;
import athanor.merge.method.HistoricSum;
import athanor.merge.method.LoraMethod;
import athanor.merge.method.RankLimits;
import athanor.merge.method.Recompression;
import athanor.merge.method.mix.Sum;
import athanor.merge.plan.AverageFate;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.ElementRule;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.merge.plan.Strength;
import athanor.model.block.BlockPreset;
import athanor.recipe.yaml.RecipeFile;
import athanor.testkit.Gen;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Random parts of recipes. */
public final class RandomRequests {
  public static final String HASH = "0123456789abcdef".repeat(4);

  private RandomRequests() {}

  public static RecipeFile recipe(Gen gen) {
    Optional<PushRequest> push =
        maybe(
            gen,
            new PushRequest(
                new RepoId("ann", "my-mix"), gen.oneOf(Visibility.values()), gen.coin()));
    return new RecipeFile(request(gen), maybe(gen, "mine 2.safetensors"), push);
  }

  public static MergeRequest request(Gen gen) {
    boolean checkpoint = gen.coin();
    List<MixRequest> mix =
        IntStream.range(0, checkpoint ? gen.between(0, 3) : 0)
            .mapToObj(i ->
                new MixRequest(
                    input(gen), maybe(gen, input(gen)), strength(gen).withElements(elements(gen))))
            .toList();
    return new MergeRequest(
        checkpoint ? Optional.of(input(gen)) : Optional.empty(),
        mix,
        IntStream.range(0, gen.between(mix.isEmpty() ? 1 : 0, 4))
            .mapToObj(i -> new LoraRequest(input(gen), strength(gen)))
            .toList(),
        checkpoint ? maybe(gen, input(gen)) : Optional.empty(),
        checkpoint && gen.coin(),
        options(gen, gen.coin(), checkpoint),
        checkpoint ? new Sum() : loraMethod(gen),
        false);
  }

  private static double ratio(Gen gen) {
    return gen.oneOf(1.0, 0.0, -0.5, 0.1 + 0.2, 1e-5, 12345.678, gen.between(-2000, 2000) / 1000.0);
  }

  private static InputRequest input(Gen gen) {
    String text =
        gen.oneOf(
            "pixel.safetensors",
            "1.5",
            "true",
            "null",
            "me@2.safetensors",
            "a, b: c # d.pt",
            "'quoted' \"twice\".ckpt",
            " blank .sft",
            "- dash",
            "&x",
            "*x",
            "!x",
            "%x",
            "é\u4e2d\ud83d\ude00.safetensors",
            "hf:ann/model/x.safetensors@v1.5",
            "hf:ann/model",
            "https://civitai.com/models/12?modelVersionId=345",
            "civitai:12@345",
            "urn:air:sd1:lora:civitai:12@345",
            "https://example.com/a%20b.safetensors#sha256=" + HASH);
    return new InputRequest(text, maybe(gen, HASH));
  }

  public static MergeOptions options(Gen gen, boolean metadata, boolean checkpoint) {
    return new MergeOptions(
        gen.oneOf(Precision.values()),
        maybe(gen, gen.oneOf(Precision.values())),
        metadata,
        gen.coin(),
        gen.coin(),
        gen.coin(),
        checkpoint ? gen.oneOf(AverageFate.values()) : AverageFate.KEPT);
  }

  public static LoraMethod loraMethod(Gen gen) {
    OptionalInt none = OptionalInt.empty();
    var limits =
        new RankLimits(
            gen.coin() ? OptionalInt.of(gen.between(1, 999)) : none,
            gen.coin() ? OptionalInt.of(gen.between(1, 999)) : none,
            OptionalDouble.of(gen.between(1, 1000) / 1000.0));
    return switch (gen.between(0, 2)) {
      case 0 -> new Concatenation(gen.coin(), gen.oneOf(LoraFormat.values()));
      case 1 -> new Recompression(limits, gen.oneOf(LoraFormat.values()));
      default -> new HistoricSum(gen.coin());
    };
  }

  public static Strength strength(Gen gen) {
    double ratio = ratio(gen);
    BlockPreset preset = gen.oneOf(BlockPreset.all().toArray(BlockPreset[]::new));
    double elsewhere = gen.oneOf(BlockList.PROMPT, BlockList.KOHYA);
    List<Double> values =
        IntStream.range(0, gen.oneOf(12, 17, 20, 26, 61))
            .mapToObj(i -> gen.between(-100, 100) / 100.0)
            .toList();
    var list =
        gen.coin()
            ? new BlockList(Optional.of(preset.name()), preset.weights(), elsewhere)
            : new BlockList(Optional.empty(), values, elsewhere);
    return new Strength(
        ratio,
        maybe(gen, gen.between(-9, 9) / 8.0),
        maybe(gen, list),
        gen.coin() ? List.of("attn1", "*.ff.*", "?: x") : List.of(),
        gen.coin() ? List.of("to_v") : List.of());
  }

  private static List<ElementRule> elements(Gen gen) {
    return gen.coin()
        ? List.of()
        : ElementRule.parseAll("OUT03 M00:attn2 ff:0.5,NOT BASE::-1\n:NOT norm:1e-3", "rules");
  }

  public static <T> Optional<T> maybe(Gen gen, T value) {
    return gen.coin() ? Optional.of(value) : Optional.empty();
  }
}
