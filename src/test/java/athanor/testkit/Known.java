package athanor.testkit;

import athanor.model.Architecture;
import athanor.model.Architectures;
import java.util.Locale;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.params.converter.ArgumentConverter;

/** The architectures that tests name. */
public final class Known {
  public static final Architecture SD1 = of("sd1");
  public static final Architecture SD2 = of("sd2");
  public static final Architecture SDXL = of("sdxl");
  public static final Architecture SDXL_REFINER = of("sdxl-refiner");
  public static final Architecture SSD_1B = of("ssd-1b");
  public static final Architecture KOALA_1B = of("koala-1b");
  public static final Architecture FLUX_1 = of("flux-1");
  public static final Architecture CHROMA = of("chroma");
  public static final Architecture SD3 = of("sd3");
  public static final Architecture STABLE_VIDEO = of("stable-video");
  public static final Architecture SD_X4_UPSCALER = of("sd-x4-upscaler");

  private Known() {}

  /** The architecture with this id; underscores and upper case are taken too. */
  public static Architecture of(String id) {
    return Architectures.byId(id.toLowerCase(Locale.ROOT).replace('_', '-')).orElseThrow();
  }

  /** Turns ids in tables of parameters into architectures. */
  public static final class FromId implements ArgumentConverter {
    @Override
    public Object convert(Object source, ParameterContext context) {
      return of((String) source);
    }
  }
}
