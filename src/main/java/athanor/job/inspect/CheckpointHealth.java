package athanor.job.inspect;

import athanor.model.Architecture;
import athanor.model.ArchitectureFacts;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.PositionIds;
import athanor.model.Trait;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What is odd about a checkpoint, and what to do about it, as sentences without a full stop. */
final class CheckpointHealth {
  private static final double GIGABYTE = 1e9;

  private CheckpointHealth() {}

  /**
   * The findings that need no look at the weights.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the position ids cannot be read
   */
  static List<String> of(StateDict file, CheckpointModel model) {
    List<String> findings = new ArrayList<>();
    for (Trait trait : model.traits()) {
      switch (trait) {
        case NO_VAE ->
            findings.add("no VAE: images need one beside it; --vae FILE adds one while merging");
        case NO_TEXT_ENCODER ->
            findings.add("no text encoder: what LoRAs have for it finds no target");
        case EMA -> findings.add(ema(model));
        case V_PREDICTION -> findings.add("a marker tensor says that it predicts v");
        case ZERO_TERMINAL_SNR ->
            findings.add("a marker tensor says that its schedule ends at zero signal");
        case SCALED_WEIGHTS ->
            findings.add("weights have separate scales (scaled fp8), which cannot be merged yet");
        case CROSSED_PROJECTIONS ->
            findings.add(
                "attention projections have the shape of another architecture; merged all"
                    + " the same");
        case WRAPPED_KEYS -> findings.add(wrapped(model));
        case OLD_TEXT_ENCODER_NAMES ->
            findings.add("the text encoder has the key names of old tools; understood and kept");
        case INPAINTING, INSTRUCT_PIX2PIX, DEPTH, UNCLIP, EDM -> {}
      }
    }
    if (model.architecture().hidesPrediction() && !model.has(Trait.V_PREDICTION)) {
      findings.add(hiddenPrediction(model.architecture()));
    }
    if (!model.missing().isEmpty()) {
      findings.add(
          model.missing().size()
              + " keys of a complete checkpoint are missing, for example "
              + model.missing().getFirst());
    }
    mixedTypes(model, findings);
    for (PositionIds.Damage damage : PositionIds.damaged(file, model)) {
      findings.add(
          damage.key() + ": " + damage.what() + "; --fix-positions puts them right while merging");
    }
    return findings;
  }

  private static String hiddenPrediction(Architecture architecture) {
    ArchitectureFacts facts = architecture.facts();
    return architecture.label()
        + " files do not say whether they predict v ("
        + facts.resolution().orElseThrow()
        + ") or noise ("
        + facts.noiseResolution().orElseThrow()
        + ")";
  }

  private static String ema(CheckpointModel model) {
    long bytes =
        model.tensors().stream()
            .filter(tensor -> model.componentOf(tensor.key()) == Component.EMA)
            .mapToLong(TensorInfo::byteSize)
            .sum();
    return String.format(
        Locale.ROOT,
        "EMA weights take %.2f GB that image programs do not read;"
            + " athanor convert --prune-ema leaves them out",
        bytes / GIGABYTE);
  }

  private static String wrapped(CheckpointModel model) {
    return "training programs wrapped its keys, as in "
        + model.tensors().iterator().next().key()
        + "; understood and kept, but image programs may not find them";
  }

  private static void mixedTypes(CheckpointModel model, List<String> findings) {
    types(model)
        .forEach((component, types) -> {
          if (types.size() > 1 && component != Component.SCHEDULE && component != Component.OTHER) {
            findings.add("the " + component.label() + " mixes types: " + text(types));
          }
        });
  }

  /** The floating-point types of each part: {@code UNet fp16, VAE fp32}. */
  static String typesOfParts(CheckpointModel model) {
    return types(model).entrySet().stream()
        .map(entry -> entry.getKey().label() + " " + text(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static Map<Component, Set<DType>> types(CheckpointModel model) {
    Map<Component, Set<DType>> types = new EnumMap<>(Component.class);
    for (TensorInfo tensor : model.tensors()) {
      if (tensor.dtype().isArithmetic()
          && !tensor.key().endsWith(".position_ids")
          && !tensor.key().endsWith(".logit_scale")) {
        types
            .computeIfAbsent(
                model.componentOf(tensor.key()), component -> EnumSet.noneOf(DType.class))
            .add(tensor.dtype());
      }
    }
    return types;
  }

  private static String text(Set<DType> types) {
    return types.stream().map(DType::familiarName).collect(Collectors.joining("/"));
  }
}
