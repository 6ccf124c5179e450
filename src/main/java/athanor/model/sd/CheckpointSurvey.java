package athanor.model.sd;

import athanor.model.Trait;
import athanor.model.naming.ComponentNames;
import athanor.model.sd.UnetFinder.Dimensions;
import athanor.model.table.KeyList;
import athanor.model.table.KeySet;
import athanor.model.vae.VaeKeys;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Compares a file with the plan of its architecture.
 *
 * @param architecture the one whose plan fits best
 * @param keys its tensors
 * @param prefix of its UNet
 * @param unet its plan beside the file
 * @param found the dimensions of its UNet
 */
record CheckpointSurvey(
    UnetArchitecture architecture, KeySet keys, String prefix, PlannedUnet unet, Dimensions found) {

  private static final List<String> VAE = ComponentNames.of("vae").checkpointPrefixes();
  private static final ComponentNames EMA = ComponentNames.of("ema");

  private UnetPlan plan() {
    return unet.plan();
  }

  /** The checkpoint, described. */
  UnetCheckpoint model() {
    var encoders = new ArrayList<TextEncoder>();
    for (TextEncoderPlan planned : plan().encoders()) {
      planned.find(keys).ifPresent(encoders::add);
    }
    boolean vae = VAE.stream().anyMatch(keys::anyStartsWith);
    return new UnetCheckpoint(
        architecture,
        plan(),
        prefix,
        encoders,
        keys.tensors(),
        missing(encoders),
        traits(encoders, vae));
  }

  private List<String> missing(List<TextEncoder> encoders) {
    var list = new KeyList();
    if (!encoders.isEmpty()) {
      for (TextEncoderPlan planned : plan().encoders()) {
        planned.list(
            encoders.stream()
                .filter(encoder -> encoder.component() == planned.component())
                .findFirst()
                .orElseGet(planned::usual),
            list);
      }
    }
    if (keys.anyStartsWith(VAE.getFirst())) {
      VaeKeys.list(VAE.getFirst(), list);
    }
    var missing = new ArrayList<>(unet.missing());
    missing.addAll(list.missingFrom(keys));
    missing.removeIf(this::isOptional);
    return missing;
  }

  private boolean isOptional(String key) {
    return key.endsWith(".position_ids")
        || key.endsWith(".logit_scale")
        || plan().unusedTextLayer().stream()
            .anyMatch(layer ->
                key.contains(".transformer.resblocks." + layer + ".")
                    || key.endsWith(".text_projection"));
  }

  private EnumSet<Trait> traits(List<TextEncoder> encoders, boolean vae) {
    var traits = EnumSet.noneOf(Trait.class);
    switch ((int) found.inChannels()) {
      case 9 -> traits.add(Trait.INPAINTING);
      case 8 -> traits.add(Trait.INSTRUCT_PIX2PIX);
      case 5 -> traits.add(Trait.DEPTH);
      default -> {}
    }
    if (plan().adm() == 0 && found.adm() > 0) {
      traits.add(Trait.UNCLIP);
    }
    if (keys.any(key -> EMA.ownsKey(key) && key.endsWith("weight"))) {
      traits.add(Trait.EMA);
    }
    if (!vae) {
      traits.add(Trait.NO_VAE);
    }
    if (encoders.isEmpty()) {
      traits.add(Trait.NO_TEXT_ENCODER);
    }
    if (encoders.stream().anyMatch(TextEncoder::hasOldNames)) {
      traits.add(Trait.OLD_TEXT_ENCODER_NAMES);
    }
    addMarkers(traits);
    if (keys.any(this::isCrossedProjection)) {
      traits.add(Trait.CROSSED_PROJECTIONS);
    }
    return traits;
  }

  private void addMarkers(EnumSet<Trait> traits) {
    boolean edmVPrediction = keys.anyStartsWith(Schedule.EDM_V_PREDICTION);
    if (keys.has(Schedule.V_PREDICTION) || edmVPrediction) {
      traits.add(Trait.V_PREDICTION);
    }
    if (keys.has(Schedule.ZERO_TERMINAL_SNR)) {
      traits.add(Trait.ZERO_TERMINAL_SNR);
    }
    if (keys.has("edm_mean") || edmVPrediction) {
      traits.add(Trait.EDM);
    }
    if (keys.any(Trait::marksScaledWeights)) {
      traits.add(Trait.SCALED_WEIGHTS);
    }
  }

  private boolean isCrossedProjection(String key) {
    return (key.endsWith(".proj_in.weight") || key.endsWith(".proj_out.weight"))
        && UnetFinder.isUnetKey(key, prefix)
        && keys.shape(key)
            .map(shape -> (shape.rank() == 2) != plan().linearProjections())
            .orElse(false);
  }
}
