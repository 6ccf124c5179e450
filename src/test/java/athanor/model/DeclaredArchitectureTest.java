package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Known;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.converter.ConvertWith;
import org.junit.jupiter.params.provider.CsvSource;

class DeclaredArchitectureTest {

  @ParameterizedTest
  @CsvSource({
    "SD 1.5, sd1",
    "SD 1.5 LCM, sd1",
    "stable-diffusion-v1-5/stable-diffusion-v1-5, sd1",
    "SD 2.1 768, sd2",
    "stabilityai/stable-diffusion-2-1, sd2",
    "SDXL 1.0, sdxl",
    "SDXL Lightning, sdxl",
    "stabilityai/stable-diffusion-xl-base-1.0, sdxl",
    "stabilityai/stable-diffusion-xl-refiner-1.0, sdxl-refiner",
    "Pony, sdxl",
    "Pony V7, auraflow",
    "Illustrious, sdxl",
    "NoobAI, sdxl",
    "SD 3.5 Large, sd3.5-large",
    "stabilityai/stable-diffusion-3.5-medium, sd3.5-medium",
    "Flux.1 D, flux-1",
    "black-forest-labs/FLUX.1-dev, flux-1",
    "Flux.2 D, flux-2-dev",
    "Chroma, chroma",
    "AuraFlow, auraflow",
    "PixArt a, pixart",
    "Hunyuan 1, hunyuan-dit",
    "Hunyuan Video, hunyuan-video",
    "Lumina, lumina-2",
    "Wan Video 14B t2v, wan-14b",
    "Wan Video 2.2 I2V-A14B, wan-14b",
    "Wan Video, wan",
    "Wan-AI/Wan2.1-T2V-1.3B, wan-1.3b",
    "Flux.2 Klein 9B, flux-2-klein-9b",
    "Tongyi-MAI/Z-Image-Turbo, z-image",
    "Krea 2, krea-2",
    "Anima, anima",
    "LTXV2, ltx-2",
    "tencent/HunyuanVideo-1.5, hunyuan-video-1.5",
    "LTXV, ltx-video",
    "Mochi, mochi",
    "HiDream, hidream",
    "Qwen, qwen-image",
    "ZImageTurbo, z-image",
    "Stable Cascade, stable-cascade",
    "SVD XT, stable-video",
  })
  void knowsWhatSitesCallIt(
      String declared, @ConvertWith(Known.FromId.class) Architecture architecture) {
    assertThat(DeclaredArchitecture.of(declared)).contains(architecture);
  }

  @Test
  void doesNotGuess() {
    assertThat(DeclaredArchitecture.of("Other")).isEmpty();
    assertThat(DeclaredArchitecture.of("")).isEmpty();
  }
}
