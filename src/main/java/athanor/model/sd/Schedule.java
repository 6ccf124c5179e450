package athanor.model.sd;

import java.util.List;
import java.util.Set;

/** Keys of the noise schedule and of the markers that say what a model predicts. */
public final class Schedule {
  static final int STEPS = 1000;

  /** The vectors that SD 1.x and SD 2.x checkpoints store; programs compute them anew. */
  static final List<String> VECTORS =
      List.of(
          "alphas_cumprod",
          "alphas_cumprod_prev",
          "betas",
          "log_one_minus_alphas_cumprod",
          "posterior_log_variance_clipped",
          "posterior_mean_coef1",
          "posterior_mean_coef2",
          "posterior_variance",
          "sqrt_alphas_cumprod",
          "sqrt_one_minus_alphas_cumprod",
          "sqrt_recip_alphas_cumprod",
          "sqrt_recipm1_alphas_cumprod");

  static final String V_PREDICTION = "v_pred";
  static final String ZERO_TERMINAL_SNR = "ztsnr";
  static final String EDM_V_PREDICTION = "edm_vpred.";

  private static final Set<String> NAMES = Set.copyOf(VECTORS);

  private Schedule() {}

  /** Whether a key is one of a noise schedule or a marker. */
  public static boolean isScheduleKey(String key) {
    return NAMES.contains(key)
        || key.equals(V_PREDICTION)
        || key.equals(ZERO_TERMINAL_SNR)
        || key.startsWith("edm_")
        || key.startsWith("denoiser.")
        || key.startsWith("model.model_sampling.")
        || key.equals("logvar")
        || key.equals("lvlb_weights");
  }
}
