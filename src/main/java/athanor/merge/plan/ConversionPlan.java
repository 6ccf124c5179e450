package athanor.merge.plan;

import athanor.adapter.AdapterFile;
import athanor.adapter.format.AdapterFormats;
import athanor.error.Problem;
import athanor.model.CheckpointModel;
import athanor.model.Recognition;
import athanor.model.RelaidTensor;
import athanor.model.Trait;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a conversion of a file does to each of its tensors: a value that can be printed and tested.
 *
 * @param tensors the fate of each tensor that stays, in the order of the file
 * @param dropped keys that are left out
 */
public record ConversionPlan(List<TensorPlan> tensors, List<String> dropped) {
  private static final String EMA = "model_ema.";
  private static final Set<String> SCALES =
      Set.of("scale_weight", "weight_scale", "scale_input", "input_scale", "comfy_quant");
  private static final String SCALED_MARKER = "scaled_fp8";

  /** Copies the lists. */
  public ConversionPlan {
    tensors = List.copyOf(tensors);
    dropped = List.copyOf(dropped);
  }

  /**
   * Plans a conversion.
   *
   * @param file any state dict
   * @param dtype the type of weights; empty keeps each tensor's own. In a checkpoint it applies as
   *     {@link StoredPrecision} says, in a LoRA to all but alphas and scales, elsewhere to all
   *     floating-point tensors but position ids
   * @param pruneEma whether the moving averages of a trainer are left out
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the type of scaled weights is to
   *     change
   */
  public static ConversionPlan of(StateDict file, Optional<DType> dtype, boolean pruneEma) {
    if (dtype.isPresent()) {
      refuseScaled(file);
    }
    boolean adapter = AdapterFile.looksLikeAdapter(file.tensors());
    Optional<CheckpointModel> model = adapter ? Optional.empty() : modelOf(file);
    List<TensorPlan> plans = new ArrayList<>();
    List<String> dropped = new ArrayList<>();
    for (TensorInfo tensor : file.tensors()) {
      if (pruneEma && tensor.key().startsWith(EMA)) {
        dropped.add(tensor.key());
        continue;
      }
      boolean converted = dtype.isPresent() && isConverted(tensor, adapter, model);
      TensorInfo output = converted ? tensor.withDType(dtype.get()) : tensor;
      plans.add(new TensorPlan(new TensorSource.Stored(file, tensor), output, List.of()));
    }
    return new ConversionPlan(plans, dropped);
  }

  /**
   * This plan with a checkpoint's tensors in another layout; what is left out stays out.
   *
   * @param file the checkpoint that it was made for
   * @param layout its name
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the file is no checkpoint that
   *     has this layout
   */
  public ConversionPlan inLayout(StateDict file, String layout) {
    CheckpointModel model =
        modelOf(file)
            .filter(known -> known.layouts().contains(layout))
            .orElseThrow(() -> withoutLayout(file, layout).toException());
    Map<String, DType> types = new HashMap<>();
    outputs().forEach(tensor -> types.put(tensor.key(), tensor.dtype()));
    List<TensorPlan> plans = new ArrayList<>();
    for (RelaidTensor tensor : model.inLayout(layout)) {
      DType dtype = types.get(tensor.pieces().getFirst().tensor().key());
      if (dtype != null) {
        List<TensorSource.Joined.Part> parts =
            tensor.pieces().stream().map(ConversionPlan::part).toList();
        plans.add(
            new TensorPlan(
                new TensorSource.Joined(file, tensor.output(), parts),
                tensor.output().withDType(dtype),
                List.of()));
      }
    }
    return new ConversionPlan(plans, dropped);
  }

  private static TensorSource.Joined.Part part(RelaidTensor.Piece piece) {
    TensorInfo tensor = piece.tensor();
    long row = tensor.byteSize() / tensor.shape().rows();
    return new TensorSource.Joined.Part(
        tensor, piece.rows().first() * row, piece.rows().count() * row);
  }

  private static Problem withoutLayout(StateDict file, String layout) {
    Optional<CheckpointModel> model = modelOf(file);
    List<String> known = model.map(CheckpointModel::layouts).orElse(List.of());
    Problem problem =
        Problem.incompatible("this file cannot be put into that layout")
            .at(file.name())
            .found(
                "--layout "
                    + layout
                    + " for "
                    + model
                        .map(CheckpointModel::description)
                        .orElse("a file that is no checkpoint that can be merged"));
    return known.isEmpty()
        ? problem.expected("a checkpoint of a transformer architecture")
        : problem.expected(String.join(" or ", known));
  }

  private static Optional<CheckpointModel> modelOf(StateDict file) {
    return Recognition.of(file.tensors()) instanceof Recognition.Checkpoint(CheckpointModel model)
        ? Optional.of(model)
        : Optional.empty();
  }

  private static void refuseScaled(StateDict file) {
    boolean scaled =
        Recognition.of(file.tensors()) instanceof Recognition.Checkpoint(CheckpointModel model)
            && model.has(Trait.SCALED_WEIGHTS);
    for (TensorInfo tensor : file.tensors()) {
      String key = tensor.key();
      scaled |=
          key.equals(SCALED_MARKER) || SCALES.contains(key.substring(key.lastIndexOf('.') + 1));
    }
    if (scaled) {
      throw Problem.incompatible("the weights of this file are stored with separate scales")
          .at(file.name())
          .expected("plain fp16, bf16, fp32 or fp8 weights")
          .help("leave --save_precision out, or convert an fp16 version of this model")
          .toException();
    }
  }

  private static boolean isConverted(
      TensorInfo tensor, boolean adapter, Optional<CheckpointModel> model) {
    if (!tensor.dtype().isArithmetic()) {
      return false;
    }
    if (adapter) {
      return AdapterFormats.partOf(tensor.key()).filter(part -> !part.isScalar()).isPresent();
    }
    return model
        .map(known -> StoredPrecision.appliesTo(tensor, known))
        .orElseGet(() -> !tensor.key().endsWith("position_ids") && !tensor.key().startsWith(EMA));
  }

  /** This plan with more tensors. */
  public ConversionPlan with(List<TensorPlan> more) {
    List<TensorPlan> all = new ArrayList<>(tensors);
    all.addAll(more);
    return new ConversionPlan(all, dropped);
  }

  /** The same in the order of {@link SafetensorsLayout#sorted}, in which LoRAs are hashed. */
  public ConversionPlan sorted() {
    Map<String, TensorPlan> byKey = new HashMap<>();
    tensors.forEach(plan -> byKey.put(plan.output().key(), plan));
    List<TensorPlan> ordered =
        SafetensorsLayout.sorted(outputs(), Map.of()).tensors().stream()
            .map(tensor -> Objects.requireNonNull(byKey.get(tensor.key())))
            .toList();
    return new ConversionPlan(ordered, dropped);
  }

  /** The tensors of the output, in order. */
  public List<TensorInfo> outputs() {
    return tensors.stream().map(TensorPlan::output).toList();
  }

  /** Number of tensors whose type changes; the bytes of all others stay. */
  public int converted() {
    return (int) tensors.stream().filter(plan -> !plan.isUntouched()).count();
  }
}
