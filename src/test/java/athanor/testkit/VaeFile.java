package athanor.testkit;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Map;

/** The tensors of VAE files as they are published. */
public final class VaeFile {
  /** What the keys of a VAE begin with in a checkpoint. */
  public static final String PREFIX = "first_stage_model.";

  private static final Map<String, String> ATTENTION =
      Map.of(
          "norm", "group_norm",
          "q", "to_q",
          "k", "to_k",
          "v", "to_v",
          "proj_out", "to_out.0");
  private static final Map<String, String> OLD_ATTENTION =
      Map.of(
          "norm", "group_norm",
          "q", "query",
          "k", "key",
          "v", "value",
          "proj_out", "proj_attn");

  private VaeFile() {}

  /** As in a checkpoint. */
  public static List<TensorInfo> inCheckpoint(DType dtype) {
    return Sample.cutting(Known.SD1, dtype, PREFIX);
  }

  /** With bare original names. */
  public static List<TensorInfo> original(DType dtype) {
    return inCheckpoint(dtype).stream()
        .map(t -> new TensorInfo(t.key().substring(PREFIX.length()), t.dtype(), t.shape()))
        .toList();
  }

  /** With the names of diffusers ≥ 0.15, attention as matrices. */
  public static List<TensorInfo> diffusers(DType dtype) {
    return original(dtype).stream().map(tensor -> diffusers(tensor, ATTENTION)).toList();
  }

  /** With the names of diffusers < 0.15, attention as matrices. */
  public static List<TensorInfo> oldDiffusers(DType dtype) {
    return original(dtype).stream().map(tensor -> diffusers(tensor, OLD_ATTENTION)).toList();
  }

  private static TensorInfo diffusers(TensorInfo tensor, Map<String, String> attention) {
    String[] part = tensor.key().split("\\.");
    String tail = part[part.length - 1];
    if (part.length < 3 || part[1].equals("conv_in") || part[1].equals("conv_out")) {
      return tensor;
    }
    Shape shape = tensor.shape();
    String name = part[0] + ".";
    if (part[1].equals("norm_out")) {
      name += "conv_norm_out";
    } else if (part[1].equals("mid")) {
      name += "mid_block.";
      if (part[2].equals("attn_1")) {
        name += "attentions.0." + attention.get(part[3]);
        shape = shape.rank() == 4 ? Shape.of(shape.dim(0), shape.dim(1)) : shape;
      } else {
        name += "resnets." + (part[2].equals("block_1") ? 0 : 1) + "." + resnet(part[3]);
      }
    } else {
      int level = Integer.parseInt(part[2]);
      name +=
          part[1].equals("down") ? "down_blocks." + level + "." : "up_blocks." + (3 - level) + ".";
      name +=
          part[3].equals("block")
              ? "resnets." + part[4] + "." + resnet(part[5])
              : part[3] + "rs.0." + part[4];
    }
    return new TensorInfo(name + "." + tail, tensor.dtype(), shape);
  }

  private static String resnet(String part) {
    return part.equals("nin_shortcut") ? "conv_shortcut" : part;
  }
}
